"""The rules of a leg: any order, any repetition and most losses of what carriers tell end the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center import leg as rules
from contact_center.channels.base import LegEvent
from contact_center.leg import REASONS, heed
from crm_store.legs import OPEN_STATES, STATES, Leg

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LEG = Leg(id="leg_1", contact_id="con_1", role="agent", party="client", address="agt_1", created_at=AT)
CALL = "CA1"


def event(change: str, reason: str = "", sequence: int | None = None, **more: Any) -> LegEvent:
    return LegEvent("leg_1", change, reason, sequence, CALL, **more)


def after(*events: LegEvent, leg: Leg = LEG, detects: bool = False) -> Leg:
    """The leg once it has heeded the events, a second apart."""
    for number, one in enumerate(events):
        changes = heed(leg, one, AT + timedelta(seconds=number), detects=detects)
        leg = msgspec.structs.replace(leg, **changes)
    return leg


INITIATED, RINGING, ANSWERED = event("initiated"), event("ringing"), event("answered")
JOINED, COMPLETED = event("joined", sequence=1), event("completed", seconds=30)
HUMAN, MACHINE = event("human"), event("machine")
HUNG_UP, BY_US = event("left", "hung_up", 5), event("left", "by_us", 5)
ROOM_ENDED = LegEvent("", "room_ended", sequence=6)
BUSY, NO_ANSWER = event("failed", "busy"), event("failed", "no_answer")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "placing"),
        ([INITIATED], "placing"),
        ([RINGING], "ringing"),
        ([RINGING, INITIATED], "ringing"),
        ([ANSWERED], "answered"),
        ([ANSWERED, RINGING], "answered"),
        ([JOINED], "joined"),
        ([JOINED, ANSWERED, RINGING], "joined"),
        ([event("held", sequence=3)], "joined"),
        ([event("other", sequence=3)], "placing"),
        ([event("levitating")], "placing"),
        ([BUSY], "failed"),
        ([RINGING, NO_ANSWER, ANSWERED], "failed"),
        ([COMPLETED], "left"),
        ([COMPLETED, JOINED], "left"),
        ([HUNG_UP, ANSWERED], "left"),
        ([JOINED, ROOM_ENDED], "left"),
        ([ANSWERED, ROOM_ENDED], "answered"),
        ([MACHINE], "failed"),
        ([JOINED, MACHINE], "failed"),
        ([COMPLETED, MACHINE], "failed"),
    ],
)
def test_where_a_leg_stands(events: list[LegEvent], state: str) -> None:
    assert after(*events).state == state


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([ANSWERED, JOINED], "answered"),
        ([ANSWERED, JOINED, HUMAN], "joined"),
        ([HUMAN, JOINED], "joined"),
        ([JOINED, HUMAN, ANSWERED], "joined"),
        ([HUMAN], "answered"),
        ([ANSWERED, JOINED, MACHINE], "failed"),
        ([MACHINE, JOINED, HUMAN], "failed"),
        ([ANSWERED, JOINED, COMPLETED], "left"),
        ([JOINED, ROOM_ENDED], "left"),
    ],
)
def test_who_is_detected_must_be_a_person(events: list[LegEvent], state: str) -> None:
    assert after(*events, detects=True).state == state


def test_when_things_happened() -> None:
    leg = after(RINGING, ANSWERED, JOINED, HUNG_UP, COMPLETED)
    assert (leg.joined_at, leg.ended_at) == (AT + timedelta(seconds=2), AT + timedelta(seconds=3))
    assert leg.reason == "hung_up"


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([COMPLETED, HUNG_UP], "hung_up"),
        ([HUNG_UP, COMPLETED], "hung_up"),
        ([JOINED, BY_US], "by_us"),
        ([JOINED, ROOM_ENDED, COMPLETED], "room_ended"),
        ([JOINED, ROOM_ENDED, HUNG_UP], "hung_up"),
        ([BUSY], "busy"),
        ([NO_ANSWER, event("failed", "no_answer")], "no_answer"),
        ([JOINED, MACHINE, BY_US, COMPLETED], "machine"),
        ([BY_US, COMPLETED, MACHINE], "machine"),
        ([event("failed", "failed"), MACHINE], "machine"),
        ([HUMAN, COMPLETED], ""),
    ],
)
def test_why_it_is_over(events: list[LegEvent], reason: str) -> None:
    assert after(*events).reason == reason
    assert reason in REASONS or not reason


def test_held_and_muted_are_as_the_newest_event_has_them() -> None:
    held = event("held", sequence=2, held=True, muted=False)
    muted = event("muted", sequence=3, held=True, muted=True)
    back = event("unheld", sequence=4, held=False, muted=True)
    for order in ([held, muted, back], [back, held, muted], [muted, back, held]):
        leg = after(JOINED, *order)
        assert (leg.held, leg.muted, leg.sequence) == (False, True, 4)


def test_flags_without_numbers_or_values_count_as_they_come() -> None:
    assert after(event("held")).held
    assert not after(event("held"), event("unheld")).held
    assert after(event("muted"), event("held")).muted
    assert after(event("other", sequence=4, muted=True)).muted


def test_the_call_of_a_leg_is_learnt_and_another_calls_events_are_ignored() -> None:
    leg = after(RINGING)
    assert leg.provider_ref == CALL
    other = LegEvent("leg_1", "completed", provider_ref="CA2")
    assert heed(leg, other, AT) == {}
    assert heed(leg, LegEvent("leg_1", "answered"), AT) == {"state": "answered"}


def test_what_names_nobody_is_about_nobody_but_the_call_it_is_of() -> None:
    nameless = LegEvent("", "joined", sequence=2)
    assert heed(LEG, nameless, AT) == heed(after(RINGING), nameless, AT) == {}
    assert heed(LEG, LegEvent("", "joined", provider_ref="CA2"), AT) == {}
    assert heed(LEG, LegEvent("leg_2", "joined"), AT) == {}
    assert heed(LEG, LegEvent("", "other", sequence=9), AT) == {}
    assert after(RINGING, LegEvent("", "joined", provider_ref=CALL)).state == "joined"


def test_the_end_of_a_room_concerns_those_who_came_into_that_one() -> None:
    """A room that follows another has its name, and may be there before the other's end is told."""
    leg = after(JOINED, event("held", sequence=3, room_ref="CF2"), event("muted", sequence=4, room_ref="CF3"))
    assert leg.room_ref == "CF2"
    assert heed(leg, LegEvent("", "room_ended", room_ref="CF1"), AT) == {}
    for room_ref in ("CF2", ""):
        assert after(LegEvent("", "room_ended", room_ref=room_ref), leg=leg).state == "left"
    assert after(LegEvent("", "room_ended", room_ref="CF1"), leg=after(JOINED)).state == "left"


def test_giving_up() -> None:
    assert rules.fail(LEG, "refused", AT) == {"state": "failed", "reason": "refused", "ended_at": AT}
    assert rules.fail(after(COMPLETED), "refused", AT) == {}


@pytest.mark.parametrize("state", STATES)
def test_questions_about_a_leg(state: str) -> None:
    leg = msgspec.structs.replace(LEG, state=state)
    assert rules.is_over(leg) is (state not in OPEN_STATES)
    assert rules.talks(leg) is (state == "joined")
    assert rules.is_coming(leg) is (state in ("placing", "ringing", "answered"))
    assert rules.is_answered(leg) is (state in ("answered", "joined"))
    assert rules.came(LEG, leg) is (state == "joined")
    assert rules.ended(LEG, leg) is (state in ("left", "failed"))
    assert not rules.ended(leg, leg)


# --- any order ------------------------------------------------------------------------------------------

HELD, TAKEN_BACK = event("held", sequence=3, held=True), event("unheld", sequence=4, held=False)
HISTORIES: dict[str, tuple[bool, list[LegEvent]]] = {
    "a conversation": (False, [INITIATED, RINGING, ANSWERED, JOINED, HUNG_UP, COMPLETED]),
    "with hold": (False, [RINGING, ANSWERED, JOINED, HELD, TAKEN_BACK, HUNG_UP, COMPLETED]),
    "the last one": (False, [ANSWERED, JOINED, HUNG_UP, ROOM_ENDED, COMPLETED]),
    "dropped by us": (False, [RINGING, ANSWERED, JOINED, BY_US, COMPLETED]),
    "ended with the room": (False, [ANSWERED, JOINED, ROOM_ENDED, event("left", "room_ended", 5), COMPLETED]),
    "nobody there": (False, [INITIATED, RINGING, NO_ANSWER, event("failed", "no_answer", 1)]),
    "busy": (False, [INITIATED, BUSY]),
    "canceled": (False, [RINGING, event("failed", "canceled"), event("failed", "canceled", 1)]),
    "a person, detected": (True, [RINGING, ANSWERED, JOINED, HUMAN, HUNG_UP, COMPLETED]),
    "a machine": (True, [RINGING, ANSWERED, JOINED, MACHINE, BY_US, COMPLETED]),
    "a machine that hung up": (True, [RINGING, ANSWERED, JOINED, HUNG_UP, COMPLETED, MACHINE]),
}  # fmt: skip


@given(data=st.data(), name=st.sampled_from(sorted(HISTORIES)))
def test_any_order_with_repetitions_ends_the_same(data: st.DataObject, name: str) -> None:
    detects, history = HISTORIES[name]
    wanted = after(*history, detects=detects)
    assert rules.is_over(wanted)
    again = data.draw(st.lists(st.sampled_from(history), max_size=4))
    got = after(*data.draw(st.permutations(history + again)), detects=detects)
    assert (got.state, got.reason, got.provider_ref) == (wanted.state, wanted.reason, wanted.provider_ref)


@given(data=st.data(), name=st.sampled_from(sorted(HISTORIES)))
def test_whatever_is_lost_a_leg_is_at_least_where_each_event_says(data: st.DataObject, name: str) -> None:
    detects, history = HISTORIES[name]
    kept = data.draw(st.lists(st.sampled_from(history), unique=True))
    order = data.draw(st.permutations(kept))
    furthest = max((STATES.index(after(one, detects=detects).state) for one in kept), default=0)
    assert STATES.index(after(*order, detects=detects).state) >= furthest


CHANGES = [
    *("initiated", "ringing", "answered", "joined", "left", "held", "unheld", "muted", "unmuted"),
    *("completed", "failed", "human", "machine", "room_ended", "other"),
]
anything = st.builds(
    LegEvent,
    st.just("leg_1"),
    st.sampled_from(CHANGES),
    st.sampled_from(["", *REASONS]),
    st.none() | st.integers(0, 20),
    st.sampled_from(["", CALL, "CA2"]),
    held=st.none() | st.booleans(),
    muted=st.none() | st.booleans(),
    room_ref=st.sampled_from(["", "CF1", "CF2"]),
)


@given(events=st.lists(anything, max_size=12), detects=st.booleans())
def test_a_leg_never_goes_back_and_what_is_over_stays_over(events: list[LegEvent], detects: bool) -> None:
    leg = LEG
    for number, one in enumerate(events):
        later = msgspec.structs.replace(
            leg, **heed(leg, one, AT + timedelta(seconds=number), detects=detects)
        )
        assert STATES.index(later.state) >= STATES.index(leg.state)
        if rules.is_over(leg):
            assert (later.ended_at, later.held, later.muted) == (leg.ended_at, leg.held, leg.muted)
        assert (later.ended_at is not None) is rules.is_over(later)
        assert later.joined_at is not None or later.state != "joined"
        assert heed(later, one, AT, detects=detects) == {}
        leg = later
