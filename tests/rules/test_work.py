"""The life of work: what each step changes, and that its place in line outlives them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center import work as life
from crm_store import works
from crm_store.works import Work

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WORK = Work(id="wrk_1", kind="call", queue="sales", queued_at=AT, entered_at=AT)

Step = Callable[[Work, datetime], dict[str, Any]]
STEPS: dict[str, Step] = {
    "offered": lambda work, at: life.offered("agt_1", "off_1"),
    "accepted": lambda work, at: life.accepted(at, connects=False, limit=MINUTE),
    "accepted call": lambda work, at: life.accepted(at, connects=True, limit=MINUTE),
    "connected": lambda work, at: life.connected(),
    "back": lambda work, at: life.back_in_line(work, at),
    "declined": lambda work, at: life.back_in_line(work, at, passing=2 * MINUTE),
    "moved": lambda work, at: life.moved("billing", at),
    "wanted": lambda work, at: life.moved("", at, wanted="agt_2"),
    "wrapping up": lambda work, at: life.wrapping_up(at, MINUTE),
    "done": lambda work, at: life.done(at, "handled"),
}


def after(work: Work, *steps: str, at: datetime = AT + MINUTE) -> Work:
    for step in steps:
        work = msgspec.structs.replace(work, **STEPS[step](work, at))
    return work


def test_the_states_are_those_of_the_table() -> None:
    states = {life.WAITING, *life.WITH_AGENT, life.DONE}
    assert states == set(works.STATES)


@pytest.mark.parametrize(
    ("steps", "state", "fields"),
    [
        (["offered"], "offered", {"agent_id": "agt_1", "offer_id": "off_1", "accepted_at": None}),
        (["offered", "accepted"], "active", {"accepted_at": AT + MINUTE, "due_at": None}),
        (["offered", "accepted call"], "connecting", {"due_at": AT + 2 * MINUTE}),
        (["offered", "accepted call", "connected"], "active", {"due_at": None, "accepted_at": AT + MINUTE}),
        (["offered", "back"], "waiting", {"agent_id": None, "offer_id": None, "passed": {}}),
        (["offered", "accepted call", "back"], "waiting", {"accepted_at": None, "due_at": None}),
        (["moved"], "waiting", {"queue": "billing", "entered_at": AT + MINUTE, "wanted": ""}),
        (["wanted"], "waiting", {"queue": "", "wanted": "agt_2"}),
        (["wanted", "moved"], "waiting", {"queue": "billing", "wanted": ""}),
        (["offered", "accepted", "wrapping up"], "wrap_up", {"due_at": AT + 2 * MINUTE, "agent_id": "agt_1"}),
        (["offered", "accepted", "wrapping up", "done"], "done", {"due_at": None, "outcome": "handled"}),
        (["done"], "done", {"ended_at": AT + MINUTE}),
    ],
)
def test_what_the_steps_lead_to(steps: list[str], state: str, fields: dict[str, Any]) -> None:
    work = after(WORK, *steps)
    assert work.state == state
    assert {name: getattr(work, name) for name in fields} == fields


def test_a_wrap_up_without_a_limit_is_never_due() -> None:
    assert life.wrapping_up(AT, None)["due_at"] is None


def test_what_was_on_hold_is_no_more_once_the_agent_is_gone() -> None:
    held = msgspec.structs.replace(after(WORK, "offered", "accepted"), held_at=AT)
    for step in ("back", "wrapping up", "done"):
        assert after(held, step).held_at is None


def test_who_declined_is_passed_over_for_a_while_and_forgotten_after() -> None:
    once = after(WORK, "offered", "declined")
    assert once.passed == {"agt_1": (AT + 3 * MINUTE).isoformat()}
    asked = msgspec.structs.replace(once, agent_id="agt_2")
    twice = after(asked, "declined", at=AT + 2 * MINUTE)
    assert twice.passed == once.passed | {"agt_2": (AT + 4 * MINUTE).isoformat()}
    asked = msgspec.structs.replace(twice, agent_id="agt_3")
    assert set(after(asked, "declined", at=AT + 3 * MINUTE).passed) == {"agt_2", "agt_3"}
    # Without an agent there is nobody to pass over; without a time nobody is.
    assert after(WORK, "declined").passed == {}
    assert after(msgspec.structs.replace(twice, agent_id="agt_3"), "back").passed == twice.passed


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=20))
def test_its_place_in_line_and_what_it_is_outlive_everything(steps: list[str]) -> None:
    work = after(WORK, *steps)
    kept = ("id", "kind", "queued_at", "priority", "required", "owners", "reason")
    assert [getattr(work, name) for name in kept] == [getattr(WORK, name) for name in kept]


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=20))
def test_what_waits_is_nobodys(steps: list[str]) -> None:
    work = after(WORK, *steps)
    if steps and steps[-1] in ("back", "declined"):
        left = (work.agent_id, work.offer_id, work.accepted_at, work.held_at, work.due_at)
        assert (work.state, *left) == ("waiting", None, None, None, None, None)


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8), st.sampled_from(sorted(life.OUTCOMES)))
def test_what_is_done_says_how_and_is_never_due(steps: list[str], outcome: str) -> None:
    work = after(WORK, *steps)
    ended = msgspec.structs.replace(work, **life.done(AT, outcome))
    assert (ended.state, ended.outcome, ended.due_at, ended.ended_at) == ("done", outcome, None, AT)
