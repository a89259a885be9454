"""Agents and queues in the terminal, and queues as a file: exported, checked, applied as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from contact_center.api.models import staff as shapes
from contact_center.api.models.common import Page
from contact_center.cli import queue_file
from contact_center.cli.common import CliError
from crm_store import agent_states, queues, works
from crm_store.queues import QueueSettings
from crm_store.works import Work
from tests.cli.conftest import AT, Program

VIP = """\
queues:
  vip:
    title: {en: Key customers, zh: 重点客户}
    max_wait: 600
    skills: {sales: 3}
    routing:
      strategy: [owner_first, longest_idle]
      rings:
        - {after: 30, lower: 2}
      overflow:
        - {to: sales, after: 120}
"""


def settings_of(program: Program, name: str) -> QueueSettings | None:
    with program.store.reading() as connection:
        return queues.find(connection, name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "queues.yaml"
    path.write_text(VIP, encoding="utf-8")
    return path


def test_agents_are_listed_with_how_they_are_doing(program: Program) -> None:
    assert "offline" in program.lines("agents", "list")[1]
    with program.store.writing() as connection:
        state = agent_states.find(connection, program.samples.agent)
        agent_states.change(connection, state, {"presence": "break", "reason": "lunch", "since": AT})
    assert "break (lunch)" in program.lines("agents", "list")[1]
    page = Page[shapes.Agent].model_validate(program.json("agents", "list"))
    assert [agent.status for agent in page.items] == ["break"]


def test_queues_are_listed_with_strategy_and_who_waits(program: Program, file: Path) -> None:
    program.lines("queues", "apply", str(file))
    with program.store.writing() as connection:
        works.insert(connection, Work(id="wrk_1", kind="call", queue="vip", queued_at=AT, entered_at=AT))
    lines = program.lines("queues", "list")
    row = next(line for line in lines if line.startswith("vip"))
    assert row.split()[:4] == ["vip", "1", "owner_first,", "longest_idle"]
    assert next(line for line in lines if line.startswith("sales")).split()[1:3] == ["0", "longest_idle"]
    page = Page[shapes.Queue].model_validate(program.json("queues", "list"))
    assert {queue.name: queue.waiting for queue in page.items} == {"complaints": 0, "sales": 0, "vip": 1}


def test_what_is_exported_can_be_applied_and_changes_nothing(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "out.yaml"
    program.lines("queues", "export", "-o", str(path))
    assert program.lines("queues", "export") == path.read_text(encoding="utf-8").splitlines()
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(content["queues"]) == ["complaints", "sales"]
    result = program.run("queues", "apply", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "0 of 2 queues changed" in result.stderr
    assert "cannot be written" in program.error("queues", "export", "-o", str(tmp_path / "no" / "x.yaml"))


def test_a_file_is_applied_and_says_what_changed(program: Program, file: Path) -> None:
    rows = [line.split() for line in program.lines("queues", "apply", str(file))]
    assert ["vip", "routing.strategy", '["owner_first","longest_idle"]'] in rows
    vip = settings_of(program, "vip")
    assert vip is not None
    assert (vip.title["zh"], vip.max_wait, vip.skills) == ("重点客户", 600, {"sales": 3})
    assert vip.routing["overflow"] == [{"to": "sales", "after": 120}]
    assert settings_of(program, "complaints") is not None  # the file does not name it
    file.write_text(VIP.replace("600", "900").replace("after: 30", "after: 45"), encoding="utf-8")
    rows = [line.split() for line in program.lines("queues", "apply", str(file))]
    assert rows[1] == ["vip", "max_wait", "600", "900"]
    assert rows[2][:2] == ["vip", "routing.rings"]
    assert len(rows) == 3


def test_a_dry_run_says_the_same_and_writes_nothing(program: Program, file: Path) -> None:
    result = program.run("queues", "apply", str(file), "--dry-run")
    assert result.exit_code == 0
    assert "1 of 1 queues would change; nothing was written" in result.stderr
    assert settings_of(program, "vip") is None
    assert program.lines("queues", "apply", str(file)) == result.stdout.splitlines()


def test_queues_that_name_each_other_are_applied_together(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(
        "queues:\n"
        "  one: {title: {en: One}, routing: {rings: [{after: 5, queues: [two]}]}}\n"
        "  two: {title: {en: Two}, routing: {rings: [{after: 5, queues: [one]}]}}\n"
    )
    program.lines("queues", "apply", str(path))
    assert settings_of(program, "two") is not None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("max_wait", "max_wiat", "line 4: queues.vip.max_wiat: there is no such field; did you mean 'max"),
        ("max_wait: 600", "max_wait: long", "line 4: queues.vip.max_wait: "),
        ("max_wait: 600", "colour: red", "line 4: queues.vip.colour: there is no such field; allowed: tit"),
        ("max_wait: 600", "service_level: {goal: 1}", "queues.vip.service_level.goal: there is no such"),
        ("sales: 3", "sales: 11", "line 5: queues.vip.skills.sales: "),
        ("vip:", "V I P:", "line 2: queues.V I P: a name has small letters"),
        ("owner_first", "owner_frist", "line 6: queues.vip.routing: strategy: there is no strategy 'owner_"),
        ("{after: 30, lower: 2}", "{after: soon}", "line 6: queues.vip.routing: rings[1].after: "),
        ("queues:", "queue:", "line 1: queue: there is no such field; did you mean 'queues'?"),
        ("    max_wait: 600", "    title: {en: x}", "line 3: queues.vip.title: is given again in line 4"),
        ("    max_wait: 600", "    max_wait: [", "line 6: "),
        ("    title:", "    skills: &a {a: *a}\n    title:", "is not YAML"),
        ("en: Key", "? [1] : x, en: Key", "line 3: found unhashable key"),
        (VIP, "[]", "line 1: "),
        (VIP, "", "line 1: queues: is needed"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_told_with_line_and_field(
    file: Path, old: str, new: str, told: str
) -> None:
    assert old in VIP
    file.write_text(VIP.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CliError) as caught:
        queue_file.read(file)
    assert told in str(caught.value)
    assert str(caught.value).startswith(str(file))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("to: sales", "to: nowhere", "queue 'vip', overflow[1].to: there is no queue 'nowhere'"),
        ("max_wait: 600", "calendar: moon", "queues.vip: there is no calendar 'moon'"),
        ("max_wait: 600", "max_wiat: 600", "queues.vip.max_wiat"),
    ],
)
def test_of_a_file_that_cannot_be_nothing_is_written(
    program: Program, file: Path, old: str, new: str, told: str
) -> None:
    text = VIP.replace(old, new) + "  sales: {title: {en: Changed}}\n"
    file.write_text(text, encoding="utf-8")
    before = settings_of(program, "sales")
    result = program.run("queues", "apply", str(file))
    assert result.exit_code == 1
    assert f"{file}" in result.stderr
    assert told in result.stderr
    assert settings_of(program, "sales") == before
    assert settings_of(program, "vip") is None


def test_all_of_it_is_told_at_once(file: Path) -> None:
    file.write_text(VIP.replace("max_wait", "max_wiat").replace("skills", "skill"), encoding="utf-8")
    with pytest.raises(CliError, match=r"max_wiat(.|\n)+did you mean 'skills'"):
        queue_file.read(file)


def test_a_file_that_is_no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CliError, match="cannot be read"):
        queue_file.read(file)
