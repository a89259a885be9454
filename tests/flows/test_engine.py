"""The rules of a turn: limits, faults, what is ignored, what is masked, and how it all ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ivr_flows import FlowSet, Session, advance, begin, instructions_now
from ivr_flows.effects import EnterQueue
from ivr_flows.engine import DEEPEST_STACK, MOST_NODES
from ivr_flows.flow import Node
from ivr_flows.hearing import LONGEST
from ivr_flows.inputs import (
    AnyInput,
    Connected,
    Done,
    Failed,
    HungUp,
    Keys,
    Picked,
    QueueLeft,
    Recorded,
    Silent,
    Started,
    Words,
)
from ivr_flows.instructions import HangUp, Listen, Say, WaitInQueue
from ivr_flows.nodes import NODES
from tests.support.flowkit import PHONE, SMS, Caller, one_flow, reloaded

MENU = """
  a:
    kind: menu
    text: What?
    choices: [{key: "1", value: one, label: One, next: b}]
  b: {kind: hang_up, text: Bye.}"""


def flows(nodes: str = MENU, head: str = "") -> FlowSet:
    return FlowSet.from_texts(one_flow(nodes, head))


def test_a_session_begins_in_the_nearest_language_with_the_flows_first_values() -> None:
    found = flows(head="variables: {x: 1, y: [2]}")
    session = begin(found, "f", "fr-CA", {"x": 5})
    assert session == Session(found.digest, "f", "a", "en", "start", {"x": 5, "y": [2]})


def test_a_flow_that_is_not_there_cannot_begin() -> None:
    with pytest.raises(KeyError):
        begin(flows(), "g")


def test_a_turn_ends_with_one_wait() -> None:
    caller = Caller(flows())
    assert [type(each) for each in caller.turn.instructions] == [Listen]
    assert [(step.node, step.exit) for step in caller.turn.steps] == [("a", "")]
    assert caller.session.waiting == "input"


@pytest.mark.parametrize(
    "given",
    [
        Started(),
        Done("look_up", {}),
        Failed("enter_queue", "timeout"),
        Recorded(3.0),
        QueueLeft("answered"),
        Connected("busy"),
    ],
)
def test_what_a_question_does_not_wait_for_changes_nothing(given: AnyInput) -> None:
    caller = Caller(flows())
    before = caller.session
    turn = caller.give(given)
    assert (turn.session, turn.instructions, turn.effect, turn.steps) == (before, (), None, ())
    assert turn.taken == given


@pytest.mark.parametrize(
    "given", [Keys("1"), Words("hello"), Silent(), Done("look_up", {}), QueueLeft("answered")]
)
def test_while_an_effect_is_carried_out_only_its_own_result_counts(given: AnyInput) -> None:
    caller = Caller(flows("  a: {kind: goto, next: person}"))
    assert isinstance(caller.turn.effect, EnterQueue)
    before = caller.session
    turn = caller.give(given)
    assert (turn.session, turn.instructions, turn.effect, turn.steps) == (before, (), None, ())
    assert isinstance(caller.give(Done("enter_queue", {"entered": True})).instructions[-1], WaitInQueue)


@pytest.mark.parametrize("before", [[], [Keys("9")], [Silent()], [Keys("1")]])
def test_hanging_up_ends_any_session_without_a_word(before: list[AnyInput]) -> None:
    caller = Caller(flows(MENU.replace("kind: hang_up, text: Bye.", "kind: queue, queue: q")))
    caller.give(*before)
    turn = caller.give(HungUp())
    assert (turn.instructions, turn.effect) == ((), None)
    assert (turn.session.waiting, turn.session.phase) == ("ended", "hung_up")


def test_a_session_that_has_ended_stays_as_it_is() -> None:
    caller = Caller(flows())
    caller.give(Keys("1"))
    before = caller.session
    assert caller.session.waiting == "ended"
    for given in (Keys("1"), HungUp(), Started(), Done("x", {})):
        turn = caller.give(given)
        assert (turn.session, turn.instructions) == (before, ())


def test_the_present_wait_can_be_rendered_again() -> None:
    found = flows()
    caller = Caller(found)
    assert instructions_now(found, caller.session, PHONE) == caller.turn.instructions
    caller.give(Keys("7"))
    assert instructions_now(found, caller.session, PHONE) == caller.turn.instructions
    caller.give(Keys("1"))
    assert instructions_now(found, caller.session, PHONE) == (HangUp("done"),)


def test_nothing_is_rendered_before_the_start_and_during_an_effect() -> None:
    found = flows("  a: {kind: goto, next: person}")
    assert instructions_now(found, begin(found, "f"), PHONE) == ()
    assert instructions_now(found, Caller(found).session, PHONE) == ()


def test_failures_are_counted_for_one_question_only() -> None:
    caller = Caller(
        flows(MENU.replace("next: b}", "next: c}") + "\n  c: {kind: collect, text: N?, save_as: n, next: b}")
    )
    caller.give(Keys("8"), Keys("8"))
    assert caller.session.tries == 2
    caller.give(Keys("1"))
    assert (caller.session.node, caller.session.tries) == ("c", 0)


def test_the_flows_defaults_hold_where_a_node_says_nothing() -> None:
    caller = Caller(flows(head="defaults: {tries: 1, timeout: 9, text_timeout: 60}"))
    listen = caller.turn.instructions[-1]
    assert isinstance(listen, Listen)
    assert (listen.timeout, listen.text_timeout) == (9.0, 60.0)
    assert isinstance(caller.give(Silent()).effect, EnterQueue)


def test_how_long_a_wait_may_last_is_said_where_the_channel_keeps_no_time() -> None:
    assert Caller(flows()).turn.wait_seconds is None
    assert Caller(flows(), SMS).turn.wait_seconds == 86_400.0
    line = Caller(flows("  a: {kind: goto, next: person}"))
    assert line.give(Done("enter_queue", {"entered": True})).wait_seconds == 900.0


# --- sensitive answers -------------------------------------------------------------------------

PIN = """
  a: {kind: collect, text: PIN?, save_as: pin, sensitive: true, min: 4, max: 4, next: b}
  b: {kind: collect, text: Number?, save_as: n, next: a}"""


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (Keys("4711"), Keys("****")),
        (Keys("47"), Keys("**")),
        (Words("four seven one one", 0.5), Words("****", 0.5)),
        (Picked("4711"), Picked("****")),
        (Silent(), Silent()),
    ],
)
def test_a_sensitive_answer_is_masked_right_or_wrong(given: AnyInput, taken: AnyInput) -> None:
    assert Caller(flows(PIN)).give(given).taken == taken


def test_the_next_answer_is_kept_as_it_is() -> None:
    caller = Caller(flows(PIN))
    caller.give(Keys("4711"))
    assert caller.give(Keys("123")).taken == Keys("123")


# --- odd input ---------------------------------------------------------------------------------


def test_long_and_unstorable_words_are_cut() -> None:
    caller = Caller(
        flows(
            "  a: {kind: collect, text: Say., save_as: w, accept: words, max: 2000, next: b}\n  b: "
            "{kind: hang_up}"
        )
    )
    turn = caller.give(Words("x\0\ud800" + "y" * 5_000))
    assert turn.taken == Words("x?" + "y" * (LONGEST - 3))
    assert reloaded(turn.session).variables["w"].startswith("x?y")


def test_keys_are_keys_only() -> None:
    turn = Caller(flows()).give(Keys("１<1>" + "2" * 500))
    assert turn.taken == Keys("1" + "2" * 63)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0])
def test_odd_lengths_of_recordings_count_as_nothing(seconds: float) -> None:
    caller = Caller(flows("  a: {kind: voicemail, text: Talk., queue: q, next: b}\n  b: {kind: hang_up}"))
    turn = caller.give(Recorded(seconds, "R1"))
    assert turn.effect is None
    assert turn.session.waiting == "ended"


def test_results_of_any_shape_are_kept_as_plain_data() -> None:
    caller = Caller(
        flows("  a: {kind: request, url: 'http://x', save_as: r, next: b, on_error: b}\n  b: {kind: hang_up}")
    )
    turn = caller.give(Done("http_request", {"ok": True, "body": {"a": [float("nan"), 2**80, "\ud800"]}}))
    assert reloaded(turn.session).variables["r"] == {"a": [None, str(float(2**80)), "?"]}


# --- faults ------------------------------------------------------------------------------------


def _enter(_: Node, __: Any) -> Any:
    raise ZeroDivisionError("secret digits 4711")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NODES["play"], "enter", _enter)


@pytest.mark.usefixtures("broken")
def test_a_bug_in_a_node_leads_to_the_person_and_tells_no_secrets() -> None:
    caller = Caller(flows("  a: {kind: say, text: Hello., next: b}\n  b: {kind: play, url: x, next: a}"))
    assert isinstance(caller.turn.effect, EnterQueue)
    assert caller.said() == "Hello."
    assert caller.turn.fault == "f.b: ZeroDivisionError"


@pytest.mark.usefixtures("broken")
def test_a_bug_in_the_person_itself_is_an_apology_and_the_end() -> None:
    caller = Caller(flows("  a: {kind: goto, next: person}\n  person: {kind: play, url: x, next: a}"))
    assert [type(each) for each in caller.turn.instructions] == [Say, HangUp]
    assert caller.session.waiting == "ended"
    assert "sorry" in caller.said()


@pytest.mark.usefixtures("broken")
def test_a_second_bug_on_the_way_to_the_person_ends_too() -> None:
    nodes = (
        "  a: {kind: play, url: x, next: a}\n  person: {kind: goto, next: c}\n  c: {kind: play, url: "
        "x, next: a}"
    )
    caller = Caller(flows(nodes))
    assert caller.turn.instructions[-1] == HangUp("fault")
    assert caller.turn.fault == "f.a: ZeroDivisionError; f.c: ZeroDivisionError"


def test_an_endless_loop_leads_to_the_person() -> None:
    caller = Caller(flows("  a: {kind: goto, next: b}\n  b: {kind: goto, next: a}"))
    assert isinstance(caller.turn.effect, EnterQueue)
    assert f"more than {MOST_NODES} nodes" in caller.turn.fault
    assert len(caller.turn.steps) <= MOST_NODES + 1


def test_a_loop_through_effects_ends_too() -> None:
    nodes = "  a: {kind: set, tags: [x], next: a}\n  person: {kind: queue, queue: q, full: person}"
    caller = Caller(flows(nodes))
    answers = {"update_contact": {}, "enter_queue": {"entered": False, "reason": "full"}}
    kinds = []
    for _ in range(10 * MOST_NODES):
        if caller.session.effect is None:
            break
        name = caller.session.effect.__struct_config__.tag
        kinds.append(name)
        caller.give(Done(str(name), answers[str(name)]))
    assert caller.session.waiting == "ended"
    assert set(kinds) == set(answers)


def test_subflows_without_end_lead_to_the_person() -> None:
    caller = Caller(flows("  a: {kind: subflow, flow: f, next: b}\n  b: {kind: hang_up}"))
    assert f"more than {DEEPEST_STACK} subflows" in caller.turn.fault
    assert isinstance(caller.turn.effect, EnterQueue)


def test_a_question_that_cannot_be_asked_leads_to_the_person() -> None:
    caller = Caller(
        flows("  a: {kind: collect, text: '{{ 1 // x }}', save_as: x, next: b}\n  b: {kind: hang_up}"), x=0
    )
    assert caller.turn.fault == "f.a: ZeroDivisionError"
    assert isinstance(caller.turn.effect, EnterQueue)


def test_a_session_of_unknown_flows_gets_an_apology() -> None:
    found = flows()
    lost = msgspec.structs.replace(Caller(found).session, flow="gone")
    turn = advance(found, lost, Keys("1"), PHONE)
    assert turn.instructions[-1] == HangUp("fault")
    assert turn.session.waiting == "ended"
    assert "gone" in turn.fault
    assert instructions_now(found, lost, PHONE)[-1] == HangUp("fault")


def test_a_session_at_an_unknown_node_gets_the_person() -> None:
    found = flows()
    lost = msgspec.structs.replace(Caller(found).session, node="gone")
    assert isinstance(advance(found, lost, Keys("1"), PHONE).effect, EnterQueue)


def test_an_unknown_calendar_is_open_and_noted() -> None:
    caller = Caller(
        flows("  a: {kind: hours, calendar: moon, open: b, closed: person}\n  b: {kind: hang_up}")
    )
    assert caller.session.waiting == "ended"
    assert caller.turn.fault == "f.a: there is no calendar 'moon'"


# --- subflows ----------------------------------------------------------------------------------


def test_variables_of_a_subflow_start_anew_each_time() -> None:
    inner = (
        "flow: g\nlanguages: [en]\nstart: a\nvariables: {count: 0}\nnodes:\n  a: {kind: set, values: "
        "{count: '= count + 1'}, next: b}\n  b: {kind: return}\n"
    )
    outer = one_flow(
        "  a: {kind: subflow, flow: g, next: b}\n  b: {kind: subflow, flow: g, pass: {count: '= 7'}, "
        "next: c}\n  c: {kind: hang_up}"
    )
    caller = Caller(FlowSet.from_texts({**outer, "g": inner}))
    assert caller.session.variables["count"] == 8
    assert [(step.flow, step.node) for step in caller.turn.steps] == [
        ("f", "a"), ("g", "a"), ("g", "b"), ("f", "b"), ("g", "a"), ("g", "b"), ("f", "c"),
    ]  # fmt: skip
