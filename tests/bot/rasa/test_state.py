"""A conversation's state as Rasa's events: whoever plays them stands where the embedded runtime does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.project import Domain, Form, Slot
from bot.embedded.stories import LISTEN, State, featured
from bot.embedded.tracker import Tracker, new_tracker
from bot.rasa_state import Verdict, action_key, events_of, take_back


def _slot(name: str, kind: str, *, influences: bool = False, values: Iterable[str] = ()) -> Slot:
    return Slot(name, kind, frozenset(values), None, (), influences)


DOMAIN = Domain(
    intents=frozenset({"greet", "refund", "affirm"}),
    entities={},
    slots={
        slot.name: slot
        for slot in (
            _slot("language", "categorical", values=("en", "zh")),
            _slot("number", "text"),
            _slot("tier", "categorical", influences=True, values=("gold", "none")),
            _slot("known", "bool", influences=True),
            _slot("note", "text", influences=True),
            _slot("items", "list"),
        )
    },
    forms={"a_form": Form("a_form", ("number", "note"), frozenset())},
    responses={},
    actions=frozenset(),
)


class Player:
    """What Rasa makes of events: slots, form, and the states before each action."""

    def __init__(self, events: Iterable[dict[str, Any]]) -> None:
        self.slots: dict[str, Any] = {}
        self.loop = ""
        self.states: list[State] = []
        self.before = ""
        intent = ""
        for event in events:
            match event["event"]:
                case "slot":
                    self.slots[event["name"]] = event["value"]
                case "active_loop":
                    self.loop = event["name"] or ""
                case "user":
                    intent = event["parse_data"]["intent"]["name"]
                case "action":
                    seen = featured(DOMAIN, {name: self.slots.get(name) for name in DOMAIN.slots})
                    self.states.append((intent, self.before, self.loop, seen))
                    self.before = event["name"]


features = st.fixed_dictionaries(
    {},
    optional={
        "tier": st.sampled_from(["gold", "none"]),
        "known": st.sampled_from(["true", "false"]),
        "note": st.just("set"),
    },
).map(lambda found: tuple(sorted(found.items())))


@st.composite
def turns(draw: st.DrawFn) -> list[State]:
    """The states of one turn: before its first action, and before each next one."""
    intent = draw(st.sampled_from(sorted(DOMAIN.intents)))
    actions = draw(st.lists(st.sampled_from(["utter_a", "action_b", "a_form"]), max_size=3))
    loops = st.sampled_from(["", "a_form"])
    return [(intent, before, draw(loops), draw(features)) for before in (LISTEN, *actions)]


@st.composite
def trackers(draw: st.DrawFn) -> Tracker:
    states = [state for turn in draw(st.lists(turns(), max_size=3)) for state in turn]
    loop = draw(st.sampled_from(["", "a_form"]))
    values: dict[str, Any] = {
        "language": draw(st.sampled_from([None, "en", "zh"])),
        "number": draw(st.none() | st.text(max_size=5)),
        "tier": draw(st.sampled_from([None, "gold"])),
        "known": draw(st.none() | st.booleans()),
        "note": draw(st.none() | st.text(max_size=5)),
        "items": draw(st.none() | st.lists(st.text(max_size=3), max_size=2)),
    }
    return Tracker(
        slots=values,
        loop=loop,
        requested=draw(st.sampled_from(["", "number"])) if loop else "",
        states=states[draw(st.integers(0, 2)) :],
    )


@given(trackers())
def test_whoever_plays_the_events_stands_where_the_tracker_does(tracker: Tracker) -> None:
    player = Player(events_of(tracker, DOMAIN))
    assert {name: player.slots[name] for name in tracker.slots} == tracker.slots
    assert (player.slots["requested_slot"] or "") == tracker.requested
    assert player.loop == tracker.loop
    assert player.before == LISTEN, "it awaits a message"
    assert player.states[len(player.states) - len(tracker.states) :] == tracker.states


@given(trackers())
def test_what_was_played_can_be_taken_back(tracker: Tracker) -> None:
    player = Player(events_of(tracker, DOMAIN))
    fresh = new_tracker(DOMAIN)
    take_back(fresh, player.slots, player.loop or None)
    assert (fresh.slots, fresh.loop, fresh.requested) == (tracker.slots, tracker.loop, tracker.requested)


def test_a_new_conversation_has_begun_and_says_nothing() -> None:
    kinds = [event["event"] for event in events_of(new_tracker(DOMAIN), DOMAIN)]
    assert kinds[:3] == ["action", "session_started", "action"]
    assert "user" not in kinds


def test_a_verdict_ends_the_turn_or_not() -> None:
    assert [one.over for one in (Verdict(), Verdict(misunderstood=True))] == [False, False]
    assert [one.over for one in (Verdict(closed=True), Verdict(handoff="requested"))] == [True, True]


def test_the_actions_key_is_of_the_token_and_does_not_show_it() -> None:
    assert action_key("a") == action_key("a") != action_key("b")
    assert "secret" not in action_key("secret")
