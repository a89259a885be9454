"""An agent at work: what fits, what people call it, and when an agent is idle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center import agent as rules
from contact_center.agent import (
    ACTIVE,
    AVAILABLE,
    BREAK,
    DEFAULT_CAPACITY,
    MEDIUM,
    NOT_RESPONDING,
    OFFERED,
    OFFLINE,
    PRESENCES,
    WRAP_UP,
)
from crm_store import works
from crm_store.agent_states import AgentState, Holding
from crm_store.agents import MEDIA

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
STAGES = (OFFERED, ACTIVE, WRAP_UP)


def an_agent(presence: str = AVAILABLE, *stages: str, kind: str = "chat") -> AgentState:
    holding = {f"wrk_{number}": Holding(kind, stage, AT) for number, stage in enumerate(stages)}
    return AgentState(id="agt_1", presence=presence, holding=holding, idle_since=AT)


def test_every_kind_of_work_takes_of_a_medium_that_capacity_knows() -> None:
    assert set(MEDIUM) == set(works.KINDS)
    assert set(MEDIUM.values()) == set(MEDIA)
    assert {medium for alternative in DEFAULT_CAPACITY for medium in alternative} == set(MEDIA)


# --- capacity ---------------------------------------------------------------------------------------

ONE_CALL = ({"call": 1},)
EITHER = ({"call": 1}, {"chat": 3, "ticket": 1})


@pytest.mark.parametrize(
    ("capacity", "load", "kind", "fit"),
    [
        (ONE_CALL, {}, "call", True),
        (ONE_CALL, {}, "callback", True),
        (ONE_CALL, {}, "chat", False),
        (ONE_CALL, {"call": 1}, "call", False),
        (ONE_CALL, {"call": 1}, "consult", False),
        (EITHER, {"chat": 2}, "chat", True),
        (EITHER, {"chat": 3}, "chat", False),
        (EITHER, {"chat": 2}, "ticket", True),
        (EITHER, {"chat": 2}, "call", False),  # into one alternative with all that is held
        (EITHER, {"call": 1}, "ticket", False),
        (EITHER, {"chat": 0}, "call", True),
        ((), {}, "call", False),
        (DEFAULT_CAPACITY, {"call": 1}, "ticket", True),
        (DEFAULT_CAPACITY, {"chat": 3, "text": 2}, "text", True),
        (DEFAULT_CAPACITY, {"ticket": 1}, "ticket", False),
    ],
)
def test_what_fits(capacity: tuple[dict[str, int], ...], load: dict[str, int], kind: str, fit: bool) -> None:
    assert rules.fits(capacity, load, kind) is fit


CAPACITIES = st.lists(
    st.dictionaries(st.sampled_from(MEDIA), st.integers(0, 4), min_size=1), min_size=1, max_size=3
)


@given(CAPACITIES, st.lists(st.sampled_from(works.KINDS), max_size=12))
def test_who_only_takes_what_fits_never_holds_more_than_one_alternative_allows(
    capacity: list[dict[str, int]], kinds: list[str]
) -> None:
    state = an_agent()
    for number, kind in enumerate(kinds):
        if rules.refusal(state, capacity, kind) == "":
            state = rules.changed(state, rules.take(state, f"wrk_{number}", kind, AT))
        load = rules.load_of(state.holding)
        assert sum(load.values()) == len(state.holding)
        assert any(all(most.get(name, 0) >= held for name, held in load.items()) for most in capacity)


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_its_stage_work_takes_its_place(stage: str) -> None:
    assert rules.refusal(an_agent(AVAILABLE, stage, kind="call"), ONE_CALL, "call") == "busy"


@pytest.mark.parametrize("presence", PRESENCES)
def test_only_who_is_available_gets_work(presence: str) -> None:
    expected = "" if presence == AVAILABLE else presence
    assert rules.refusal(an_agent(presence), ONE_CALL, "call") == expected


# --- what people call it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("presence", "stages", "status"),
    [
        (AVAILABLE, (), "available"),
        (AVAILABLE, (OFFERED,), "offered"),
        (AVAILABLE, (OFFERED, WRAP_UP), "wrap_up"),
        (AVAILABLE, (OFFERED, WRAP_UP, ACTIVE), "on_contact"),
        (BREAK, (), "break"),
        (BREAK, (OFFERED,), "break"),
        (BREAK, (ACTIVE,), "on_contact"),  # goes on the break afterwards
        (BREAK, (WRAP_UP,), "wrap_up"),
        (NOT_RESPONDING, (), "not_responding"),
        (OFFLINE, (), "offline"),
    ],
)
def test_the_status(presence: str, stages: tuple[str, ...], status: str) -> None:
    assert rules.status_of(an_agent(presence, *stages)) == status


# --- from the offer to the end ----------------------------------------------------------------------


def test_work_goes_through_its_stages() -> None:
    state = an_agent()
    state = rules.changed(state, rules.take(state, "wrk_1", "call", AT))
    assert rules.status_of(state) == "offered"
    state = rules.changed(state, rules.move(state, "wrk_1", ACTIVE, LATER))
    assert state.holding == {"wrk_1": Holding("call", ACTIVE, LATER)}
    state = rules.changed(state, rules.move(state, "wrk_1", WRAP_UP, LATER))
    assert rules.status_of(state) == "wrap_up"
    state = rules.changed(state, rules.release(state, "wrk_1", LATER))
    assert (state.holding, state.idle_since, state.version) == ({}, LATER, 4)


def test_what_is_not_held_changes_nothing() -> None:
    state = an_agent(AVAILABLE, ACTIVE)
    for changes in (
        rules.move(state, "wrk_9", ACTIVE, LATER),
        rules.release(state, "wrk_9", LATER),
        rules.move(state, "wrk_0", ACTIVE, LATER),
        rules.go(state, AVAILABLE, "", LATER),
    ):
        assert changes == {}
    assert rules.changed(state, {}) is state


@pytest.mark.parametrize(
    ("stages", "idle"),
    [
        ((ACTIVE,), True),
        ((WRAP_UP,), True),
        ((OFFERED,), False),  # declined or missed: the place among the idle stays
        ((ACTIVE, ACTIVE), False),
        ((WRAP_UP, ACTIVE), False),
        ((ACTIVE, OFFERED), True),  # an offer is no work
    ],
)
def test_with_the_last_work_an_agent_becomes_idle(stages: tuple[str, ...], idle: bool) -> None:
    state = an_agent(AVAILABLE, *stages)
    after = rules.changed(state, rules.release(state, "wrk_0", LATER))
    assert after.idle_since == (LATER if idle else AT)


@pytest.mark.parametrize(
    ("before", "stages", "to", "idle"),
    [
        (OFFLINE, (), AVAILABLE, True),
        (BREAK, (), AVAILABLE, True),
        (NOT_RESPONDING, (), AVAILABLE, True),
        (BREAK, (ACTIVE,), AVAILABLE, False),  # idle when that is over
        (AVAILABLE, (), BREAK, False),
        (BREAK, (), OFFLINE, False),
    ],
)
def test_who_comes_to_work_is_idle_from_then_on(
    before: str, stages: tuple[str, ...], to: str, idle: bool
) -> None:
    state = an_agent(before, *stages)
    after = rules.changed(state, rules.go(state, to, "lunch", LATER))
    assert (after.presence, after.reason, after.since) == (to, "lunch", LATER)
    assert after.idle_since == (LATER if idle else AT)
    assert after.holding == state.holding


def test_another_reason_is_another_break() -> None:
    state = rules.changed(an_agent(), rules.go(an_agent(), BREAK, "lunch", AT))
    assert rules.go(state, BREAK, "lunch", LATER) == {}
    assert rules.go(state, BREAK, "training", LATER)["since"] == LATER
