"""The README's tour, taken again: the same call into a real program prints what the page shows."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
import structlog
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from contact_center.app import running
from contact_center.cli import main
from contact_center.clock import ManualClock
from contact_center.config import load
from contact_center.observe.logs import set_up
from contact_center.welcome import welcome
from crm_store.seed import Seeded
from tests.docs.pages import FENCE, read

SUNDAY = datetime(2026, 11, 22, 5, 32, 30, tzinfo=UTC)  # when the page's call was made
START = re.compile(r"^\$ python3 cc\.py (.*)$")
VARIES = (
    (re.compile(r"^\d\d:\d\d:\d\d +\+\d\d:\d\d"), "TIME"),  # the timeline; the clock stands still here
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "MOMENT"),
    (re.compile(r"(con|cus|agt)_\w+"), "ID"),
    (re.compile(r"\d{4}-\d{4}"), "TICKET"),
    (re.compile(r"(\d, ){3}\d\. (\d, ){3}\d"), "SPOKEN"),
    (re.compile(r" +$"), ""),
)


def alike(text: str) -> list[str]:
    """Lines without what differs from one time to the next."""
    lines = text.strip("\n").splitlines()
    for pattern, word in VARIES:
        lines = [pattern.sub(word, line) for line in lines]
    return lines


def tour() -> dict[str, str]:
    """What the page shows for each command."""
    shown: dict[str, str] = {}
    for _, block in FENCE.findall(read("README.md")):
        command = ""
        for line in block.splitlines():
            if start := START.match(line):
                command = start[1]
                shown[command] = ""
            elif command:
                shown[command] += line + "\n"
    return shown


TOUR = tour()
CALL = "call --from +12025550101"


def assert_shown(command: str, printed: str) -> None:
    """The page's lines are the printed ones, in order; `...` stands for some that are left out."""
    actual = alike(printed)
    at = 0
    gap = False
    for line in alike(TOUR[command]):
        if line == "...":
            gap = True
            continue
        where = actual.index(line, at) if line in actual[at:] else -1
        assert where >= 0, f"not printed any more: {line}"
        assert gap or where == at, f"the page leaves out: {actual[at]}"
        at, gap = where + 1, False
    assert gap or at == len(actual), f"the page leaves out: {actual[at:]}"


@pytest.fixture
def quiet() -> Iterator[None]:
    """The program's own lines would go where the command's go."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up(level="error", format="text")
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_the_call_its_log_its_ticket_and_its_replay_are_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: None
) -> None:
    # As on that day, so that what was not overdue then is not overdue now.
    monkeypatch.setattr("contact_center.cli.common.SystemClock", lambda: ManualClock(SUNDAY))
    config_path = tmp_path / "config.yaml"
    config_path.write_text("demo: {seed: true}\n")

    def run(command: str, said: str | None = None) -> str:
        result = CliRunner().invoke(main, [*command.split(), "--config", str(config_path)], input=said)
        assert result.exit_code == 0, result.output
        return result.stdout

    async def call() -> str:
        config = load(config_path, {})
        async with (
            running(config, tmp_path / "var", clock=ManualClock(SUNDAY), random=Random(7)) as application,
            TestServer(application.web) as server,
        ):
            said = "\n".join(re.findall(r"(?m)^> (.*)$", TOUR[CALL])) + "\n"
            return await asyncio.to_thread(run, f"{CALL} --port {server.port}", said)

    printed = asyncio.run(call())
    assert_shown(CALL, printed)
    ours = re.search(r"con_\w+", printed)
    assert ours
    assert_shown("contacts list", run("contacts list"))
    for command, of in TOUR.items():
        if command.startswith(("contacts show", "replay")):
            assert of
            assert_shown(command, run(re.sub(r"con_\w+", ours[0], command)))
    tickets = run("tickets list")
    assert_shown("tickets list", tickets)
    number = re.search(r"\d{4}-\d{4}", tickets)
    assert number
    shown = next(command for command in TOUR if command.startswith("tickets show"))
    assert_shown(shown, run(f"tickets show {number[0]}"))


@pytest.mark.parametrize("command", ["flows test", "flows coverage"])
def test_what_is_shown_of_the_flows_is_so(command: str) -> None:
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == 0
    assert_shown(command, result.stdout)


def test_the_welcome_is_as_shown() -> None:
    seeded = Seeded(customers=12, orders=20, agents=6, queues=7)
    application = SimpleNamespace(room=SimpleNamespace(config=load(None, {})), seeded=seeded)
    text = welcome(application, "http://127.0.0.1:8080", "", [], 1.0)
    assert text.startswith(TOUR["serve"].rstrip())


def test_a_line_that_is_not_printed_any_more_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOUR, "x", "one\n...\nthree\n")
    assert_shown("x", "one\ntwo\nthree\n")
    with pytest.raises(AssertionError, match="not printed any more: three"):
        assert_shown("x", "one\ntwo\n")
    with pytest.raises(AssertionError, match="leaves out"):
        assert_shown("x", "zero\none\nthree\n")
