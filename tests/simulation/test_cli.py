"""The commands `simulate` and `staffing`, as somebody at a terminal meets them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from contact_center.cli.simulate import simulate
from contact_center.cli.staffing import staffing
from contact_center.simulation.document import parse_document
from contact_center.simulation.reading import scenario_of
from contact_center.simulation.scenario import plan_of
from crm_store import migrate
from crm_store.store import Store, open_engine
from tests.simulation.recording import record

DAY = """\
scenario: a day
begin: 2026-03-02T08:00
hours: 2
queues:
  a: {title: Line A, offer_seconds: 15}
  b: {required: {x: 3}, overflow: [{to: a, after: 30}]}
arrivals:
  - {queue: a, per_hour: 60, handling: {exponential: 150}, patience: {exponential: 90}}
  - {queue: b, per_hour: 30, handling: {exponential: 200}, patience: {exponential: 90}}
groups:
  some: {count: 2, answers: {seconds: 3, missed: 0.05, away: 30}}
  able: {skills: {x: 5}}
"""
CHANGES = "queues: {b: {required: {}, overflow: []}}\n"


@pytest.fixture
def day(tmp_path: Path) -> Path:
    (tmp_path / "day.yaml").write_text(DAY)
    (tmp_path / "routing.yaml").write_text(CHANGES)
    return tmp_path / "day.yaml"


def ask(command: Any, *words: object) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)


def test_a_scenario_as_tables(day: Path) -> None:
    found = ask(simulate, day)
    assert found.exit_code == 0
    for word in ("a day", "Line A", "service level", "99 %", "occupancy", "able", "b > a", "unserved"):
        assert word in found.output


def test_a_changed_policy_beside_the_present(day: Path) -> None:
    found = ask(simulate, day, "--with", day.parent / "routing.yaml", "--runs", 3)
    assert found.exit_code == 0
    assert "mean of 3 runs" in found.output
    for word in ("present", "changed", "difference", "±"):
        assert word in found.output


def test_json_of_all(day: Path) -> None:
    found = json.loads(
        ask(simulate, day, "--with", day.parent / "routing.yaml", "--runs", 2, "--json").output
    )
    assert (found["title"], found["begin"]) == ("a day", "2026-03-02T08:00:00")
    assert set(found) == {"title", "begin", "present", "changed", "difference"}
    came = found["present"]["mean"]["queues"]["b"]["came"]
    assert came == found["changed"]["mean"]["queues"]["b"]["came"] > 0
    assert found["difference"]["mean"]["queues"]["b"]["came"] == 0
    assert found["present"]["margin"]["overall"]["service_level"] > 0


def test_the_seed_makes_it_repeatable(day: Path) -> None:
    first, again = ask(simulate, day, "--json").output, ask(simulate, day, "--json").output
    assert first == again
    assert ask(simulate, day, "--json", "--seed", 5).output != first


def test_picture_and_tables_as_files(day: Path, tmp_path: Path) -> None:
    found = ask(simulate, day, "--picture", tmp_path / "day.svg", "--csv", tmp_path / "out")
    assert found.exit_code == 0
    assert ElementTree.parse(tmp_path / "day.svg").getroot().tag.endswith("svg")
    with (tmp_path / "out" / "queues.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["queue"] for row in rows] == ["a", "b"]
    assert {"came", "service_level", "p99"} <= set(rows[0])
    assert (tmp_path / "out" / "groups.csv").is_file()
    assert (tmp_path / "out" / "intervals.csv").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Name a scenario, or recorded days"),
        (("nothing",), "no file nothing, and no shipped scenario of that name (erlang, one_day)"),
        (("one_day", "--journal", "2026-03-02", "2026-03-03"), "Name a scenario, or recorded days"),
    ],
)
def test_what_cannot_be_simulated(words: tuple[str, ...], told: str) -> None:
    found = ask(simulate, *words)
    assert found.exit_code != 0
    assert told in " ".join(found.output.split())


def test_a_mistake_in_a_file_is_told_in_a_line(day: Path) -> None:
    day.write_text(DAY.replace("queue: a", "queue: c", 1))
    found = ask(simulate, day)
    assert found.exit_code == 1
    assert found.output == f"Error: {day}:8: arrivals[0].queue: there is no queue 'c'; there are a, b\n"


def test_a_file_that_cannot_be_written_is_told(day: Path, tmp_path: Path) -> None:
    found = ask(simulate, day, "--picture", tmp_path / "no" / "day.svg")
    assert found.exit_code == 1
    assert "No such file or directory; name another file" in found.output


# --- recorded days --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with a store in which a day is recorded."""
    folder = tmp_path_factory.mktemp("recorded")
    url = f"sqlite:///{folder / 'store.db'}"
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    store = Store(url)
    with store.writing() as connection:
        record(connection, plan_of(scenario_of(parse_document(DAY, "day.yaml"))))
    store.close()
    config = folder / "config.yaml"
    config.write_text(f"company: {{timezone: UTC}}\nstore: {{url: '{url}'}}\n")
    (folder / "routing.yaml").write_text(CHANGES)
    return config


def test_recorded_days_beside_what_would_have_been(recorded: Path) -> None:
    found = ask(
        simulate, "--config", recorded, "--journal", "2026-03-02", "2026-03-03T00:00", "--with",
        recorded.parent / "routing.yaml", "--runs", 2, "--json",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    told = json.loads(found.output)
    assert told["begin"] == "2026-03-02T00:00:00"
    was, present = told["recorded"]["queues"]["b"], told["present"]["mean"]["queues"]["b"]
    assert was["came"] == present["came"] > 0
    assert told["changed"]["mean"]["queues"]["b"]["service_level"] > present["service_level"]


def test_recorded_days_as_tables(recorded: Path) -> None:
    found = ask(simulate, "--config", recorded, "--journal", "2026-03-02", "2026-03-03")
    assert found.exit_code == 0
    assert "recorded" in found.output
    assert "Recorded days" in found.output


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-03-03", "2026-03-02", "the second time must be after the first"),
        ("2025-03-02", "2025-03-03", "nobody waited in a queue in that time"),
        ("monday", "2025-03-03", "write a time as 2026-03-02"),
    ],
)
def test_days_that_cannot_be_replayed(recorded: Path, start: str, end: str, told: str) -> None:
    found = ask(simulate, "--config", recorded, "--journal", start, end)
    assert found.exit_code != 0
    assert told in found.output


def test_a_queue_that_the_changes_name_and_the_store_does_not_know(recorded: Path, tmp_path: Path) -> None:
    changes = tmp_path / "routing.yaml"
    changes.write_text("queues: {c: {}}")
    copy = shutil.copy(recorded, tmp_path / "config.yaml")
    found = ask(simulate, "--config", copy, "--journal", "2026-03-02", "2026-03-03", "--with", changes)
    assert "there is no queue 'c'; there are a, b" in found.output


# --- staffing -------------------------------------------------------------------------------------


def test_how_many_are_needed() -> None:
    found = ask(staffing, "--calls", 100, "--aht", 180, "--shrinkage", 0.3)
    assert found.exit_code == 0
    assert "14 agents at their desks, 20 on the roster: load 10.00 erlangs" in found.output
    assert "Erlang C" in found.output
    assert "> " in found.output
    assert "Erlang A" in ask(staffing, "--calls", 100, "--aht", 180, "--patience", 300).output


def test_how_many_as_json() -> None:
    found = json.loads(ask(staffing, "--calls", 100, "--aht", 180, "--json").output)
    assert (found["agents"], round(found["service_level"], 3), round(found["waits"], 3)) == (14, 0.888, 0.174)


def test_a_table_of_intervals(tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    file.write_text("start,calls,aht\n09:00,40,180\n09:30,100,\n")
    found = ask(staffing, "--intervals", file, "--aht", 180, "--json")
    assert [(row["start"], row["agents"]) for row in json.loads(found.output)] == [
        ("09:00", 7),
        ("09:30", 14),
    ]
    shown = ask(staffing, "--intervals", file, "--aht", 180).output
    assert "10.5 hours at desks" in shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Give --calls and --aht, or a file with --intervals"),
        (("--calls", "5"), "Give --calls and --aht"),
        (("--calls", "5", "--aht", "60", "--target", "1"), "--target"),
        (("--calls", "5", "--aht", "60", "--shrinkage", "1"), "--shrinkage"),
        (("--calls", "5", "--aht", "-60"), "--aht"),
    ],
)
def test_what_staffing_refuses(words: tuple[str, ...], told: str) -> None:
    found = ask(staffing, *words)
    assert found.exit_code == 2
    assert told in found.output
