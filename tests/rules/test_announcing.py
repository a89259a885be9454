"""What is told after a commit, to whom, and what becomes of it while live state is down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest

from contact_center.announcing import DESK, ROUTING, Announcer, Changed, Notice, Told, shown_state, shown_work
from contact_center.clock import ManualClock
from contact_center.live.base import LiveDown
from contact_center.live.memory import MemoryLive
from contact_center.observe.metrics import Metrics
from crm_store.agent_states import AgentState, Holding
from crm_store.works import Work

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WORK = Work(id="wrk_1", kind="call", queued_at=AT, entered_at=AT, owners=("agt_9",))
HELD = AgentState(
    id="agt_1", presence="available", holding={"wrk_1": Holding("call", "active", AT)}, version=4
)


def with_agent(agent_id: str | None) -> Work:
    return msgspec.structs.replace(WORK, agent_id=agent_id)


@pytest.mark.parametrize(
    ("before", "after", "heard"),
    [
        (None, None, []),
        (None, "agt_1", ["agt_1"]),
        ("agt_1", None, ["agt_1"]),
        ("agt_1", "agt_1", ["agt_1"]),
        ("agt_2", "agt_1", ["agt_1", "agt_2"]),
    ],
)
def test_work_is_told_to_who_has_it_and_who_had_it(
    before: str | None, after: str | None, heard: list[str]
) -> None:
    told = Told()
    told.work(with_agent(before), with_agent(after))
    assert [notice.agent_id for notice in told.notices] == heard
    assert all(notice.event == "work" and notice.data["agent_id"] == after for notice in told.notices)
    assert list(told.works) == ["wrk_1"]


def test_rows_are_shown_as_plain_values() -> None:
    shown = shown_work(WORK)
    assert (shown["queued_at"], list(shown["owners"])) == ("2026-03-02T09:30:00Z", ["agt_9"])
    state = shown_state(HELD)
    assert state["status"] == "on_contact"
    assert [list(held) for held in state["holding"].values()] == [["call", "active", "2026-03-02T09:30:00Z"]]
    assert msgspec.json.decode(msgspec.json.encode(state)) == state


class Line(MemoryLive):
    """Live state that can be down."""

    def __init__(self) -> None:
        super().__init__(ManualClock(AT))
        self.down = False
        self.sent: list[tuple[str, str]] = []

    async def publish(self, topic: str, text: str) -> None:
        if self.down:
            raise LiveDown("nobody answers")
        self.sent.append((topic, text))


@asynccontextmanager
async def announcing(line: Line) -> AsyncIterator[Announcer]:
    announcer = Announcer(line, Metrics())
    task = asyncio.create_task(announcer.run())
    yield announcer
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def some() -> Told:
    told = Told(contacts={"con_1"}, outbox=True)
    told.work(None, with_agent("agt_1"))
    told.agent(HELD)
    return told


async def test_whole_rows_go_to_the_router_and_notices_to_desks() -> None:
    line, heard = Line(), list[str]()
    async with announcing(line) as announcer:
        announcer.on_contact = heard.append
        announcer.on_outbox = lambda: heard.append("outbox")
        announcer.tell(some())
        await announcer.settled()
        assert heard == ["con_1", "outbox"]
        [(first, rows), (second, notices)] = line.sent
        assert (first, second) == (ROUTING, DESK)
        changed = msgspec.json.decode(rows, type=Changed)
        assert (changed.works, changed.agents, changed.setup) == ((with_agent("agt_1"),), (HELD,), False)
        events = [notice.event for notice in msgspec.json.decode(notices, type=list[Notice])]
        assert events == ["work", "state"]


async def test_nothing_is_told_where_nothing_changed() -> None:
    line = Line()
    async with announcing(line) as announcer:
        announcer.tell(Told())
        await announcer.settled()
        assert line.sent == []


async def test_after_live_state_was_down_everybody_looks_for_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = Line()
    async with announcing(line) as announcer:
        line.down = True
        announcer.tell(some())
        await announcer.settled()
        assert line.sent == []
        line.down = False
        announcer.live_is_up()  # somebody else has found that it answers
        announcer.tell(some())
        await announcer.settled()
        topics = [topic for topic, _ in line.sent]
        assert topics == [ROUTING, DESK, ROUTING, DESK]
        assert msgspec.json.decode(line.sent[0][1], type=Changed).setup
        [look] = msgspec.json.decode(line.sent[1][1], type=list[Notice])
        assert (look.agent_id, look.event) == ("", "look")


async def test_what_was_committed_is_told_before_the_end() -> None:
    line = Line()
    async with announcing(line) as announcer:
        await asyncio.sleep(0)
        announcer.tell(some())
    assert [topic for topic, _ in line.sent][-3:-1] == [ROUTING, DESK]
