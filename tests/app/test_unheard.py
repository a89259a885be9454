"""What a process was not told: live state is down, a process died before it told, or speaks another version.

Desks, the leader and the announcer make it good from the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from contact_center import announcing
from contact_center.announcing import DESK, LOOK, ROUTING, Announcer, Notice, Told
from contact_center.desk.hub import RELOAD, DeskHub
from contact_center.desk.marks import Mark, Marks
from contact_center.desk.socket import snapshot
from contact_center.live import LiveDown
from contact_center.live.memory import MemoryLive
from contact_center.observe.metrics import Metrics
from tests.app.centre import sqlite_url
from tests.app.floor import GRACE, Floor
from tests.app.test_two_nodes import two_nodes, waiting_call


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[tuple[Floor, Floor]]:
    async with two_nodes(sqlite_url(tmp_path)) as both:
        yield both


async def test_a_desk_that_was_not_told_is_shown_everything(nodes: tuple[Floor, Floor]) -> None:
    here, there = nodes
    agent_id = await here.go(GRACE)
    hub = DeskHub(there.centre.room, "there")
    async with hub.connected(agent_id) as desk:
        hub.showed(desk, await there.read(lambda connection: snapshot(connection, agent_id)))
        await hub.look()
        assert desk.notices.empty(), "nothing has happened"
        await waiting_call(here)
        await here.step()
        await hub.look()
        assert desk.notices.get_nowait() is RELOAD
        shown = await there.read(lambda connection: snapshot(connection, agent_id))
        assert [offer["state"] for offer in shown["offers"]] == ["pending"]
        hub.showed(desk, shown)
        await hub.look()
        assert desk.notices.empty(), "it is told once"
    async with hub.connected(agent_id) as again:
        await hub.look()
        assert again.notices.empty(), "a desk that has just come gets its snapshot anyway"


def state(version: int) -> Notice:
    return Notice("agt_1", "state", {"version": version})


def work(version: int, agent_id: str = "agt_1", state: str = "active") -> Notice:
    return Notice("agt_1", "work", {"id": "wrk_1", "version": version, "agent_id": agent_id, "state": state})


SHOWN = {"state": {"version": 3}, "works": [{"id": "wrk_1", "version": 5}]}


@pytest.mark.parametrize(
    ("heard", "found", "journals", "behind"),
    [
        ([], Mark(3, {"wrk_1": 5}), False, False),
        ([], Mark(4, {"wrk_1": 5}), False, True),
        ([state(4)], Mark(4, {"wrk_1": 5}), False, False),
        ([state(5)], Mark(4, {"wrk_1": 5}), False, False),  # the look is older than the notice
        ([], Mark(3, {"wrk_1": 6}), False, True),
        ([work(6)], Mark(3, {"wrk_1": 6}), False, False),
        ([], Mark(3, {"wrk_1": 5, "wrk_2": 0}), False, True),
        ([], Mark(3, {}), False, True),
        ([work(6, "agt_2")], Mark(3, {}), False, False),
        ([work(6, state="done")], Mark(3, {}), False, False),
        ([], Mark(3, {"wrk_1": 5}, {"wrk_1": 9}), False, False),
        ([], Mark(3, {"wrk_1": 5}, {"wrk_1": 9}), True, True),  # the customer has written
        ([], Mark(3, {"wrk_1": 5}, {"wrk_1": 7}), True, False),
    ],
)
def test_who_is_behind(heard: list[Notice], found: Mark, journals: bool, behind: bool) -> None:
    marks = Marks()
    marks.showed("agt_1", SHOWN)
    marks.behind({"agt_1": Mark(3, {"wrk_1": 5}, {"wrk_1": 7})}, journals=False)
    for notice in heard:
        marks.heard(notice)
    assert marks.behind({"agt_1": found}, journals=journals) == ({"agt_1"} if behind else set())


class Failing(MemoryLive):
    """Live state that is down at will; what was published while it was up."""

    down = False

    def __init__(self) -> None:
        self.published: list[tuple[str, Any]] = []
        self.tries = 0

    async def publish(self, topic: str, text: str) -> None:
        self.tries += 1
        if self.down:
            raise LiveDown("down")
        self.published.append((topic, text))


async def test_what_is_told_while_live_state_is_down_is_made_good(monkeypatch: pytest.MonkeyPatch) -> None:
    live = Failing()
    announcer = Announcer(live, Metrics())
    running = asyncio.create_task(announcer.run())
    told = Told(said=[Notice("agt_1", "state", {})])
    live.down = True
    for _ in range(5):
        announcer.tell(told)
    await announcer.settled()
    assert (live.published, live.tries) == ([], 1), "who is down is not asked for every notice"
    live.down = False
    monkeypatch.setattr(announcer, "_try_at", 0.0)
    announcer.tell(told)
    await announcer.settled()
    [(first, look), (second, everybody), (third, _)] = live.published
    assert (first, second, third) == (ROUTING, DESK, DESK)
    assert '"setup":true' in look
    assert f'"{LOOK}"' in everybody
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_an_announcer_that_is_stopped_tells_what_was_committed() -> None:
    live = Failing()
    announcer = Announcer(live, Metrics())
    running = asyncio.create_task(announcer.run())
    await asyncio.sleep(0)
    announcer.tell(Told(said=[Notice("agt_1", "state", {})]))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert any("agt_1" in text for _, text in live.published)


async def test_everybodys_notices_reach_everybody_and_looks_are_for_hubs(nodes: tuple[Floor, Floor]) -> None:
    here, _ = nodes
    agent_id = await here.id_of(GRACE)
    hub = DeskHub(here.centre.room, "here")
    async with hub.connected(agent_id) as desk:
        hub._give_out(announcing._EVERYBODY_LOOK)
        assert desk.notices.empty()
        assert hub._look.is_set()
        hub._give_out('[{"agent_id":"","event":"news","data":{}}]')
        assert desk.notices.get_nowait().event == "news"


@pytest.mark.parametrize("text", ["", "no JSON", '{"works": 1}', "[{}]"])
async def test_what_cannot_be_read_is_looked_up(nodes: tuple[Floor, Floor], text: str) -> None:
    """An older or newer version of the program tells it; a look finds the same."""
    here, _ = nodes

    async def texts() -> AsyncIterator[str]:
        yield text

    await here.centre.dispatcher._take_in(texts())
    assert here.centre.dispatcher._compare
    hub = DeskHub(here.centre.room, "here")
    hub._give_out(text)
    assert hub._look.is_set()
