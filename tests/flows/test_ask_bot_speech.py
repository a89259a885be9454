"""``ask_bot``: what is read back, the keypad as a way out, hints, language, floods, hand-backs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows import Context, FlowSet, Turn, place_back
from ivr_flows.effects import AskBot
from ivr_flows.inputs import AnyInput, Done, HandedBack, HungUp, Keys, Picked, QueueLeft, Silent, Words
from ivr_flows.instructions import Listen, WaitInQueue
from tests.support.flowkit import PHONE, SMS, Caller, around, one_flow

NODE = """
kind: ask_bot
text: {en: "What can I do?", zh: "请问需要什么？"}
hints: {en: [tent, refund], zh: [帐篷]}
listens_for: sentences
next: goodbye
"""


def calling(context: Context = PHONE, **fields: Any) -> Caller:
    more = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return Caller(FlowSet.from_texts(around(NODE + more)), context)


def asked(caller: Caller) -> str:
    """What the bot is being asked just now, '' where it is not."""
    effect = caller.session.effect
    return effect.text if isinstance(effect, AskBot) else ""


def answer(*texts: str, buttons: tuple[str, ...] = (), **result: Any) -> Done:
    titled = [{"title": each, "payload": f"/{each.lower()}"} for each in buttons]
    replies = [{"text": text, "buttons": titled} for text in texts]
    return Done("ask_bot", {"replies": replies, "state": "s1", "intent": "faq"} | result)


def listen(turn: Turn) -> Listen:
    last = turn.instructions[-1]
    assert isinstance(last, Listen)
    return last


def unsure(text: str, confidence: float = 0.3) -> Words:
    return Words(text, confidence)


# --- what the recogniser is not sure of -----------------------------------------------------------

SAID: list[tuple[str, tuple[AnyInput, ...], str]] = [
    ("sure enough", (Words("my parcel", 0.5),), "my parcel"),
    ("no confidence is given", (Words("my parcel"),), "my parcel"),
    ("not sure, then yes", (unsure("my parcel"), Words("yes", 0.9)), "my parcel"),
    ("a yes that is not sure either", (unsure("my parcel"), unsure("yes", 0.1)), "my parcel"),
    ("not sure, then key 1", (unsure("my parcel"), Keys("1")), "my parcel"),
    ("the same once more", (unsure("cancel my order"), Words("Cancel my order!", 0.4)), "cancel my order"),
    ("other words correct it", (unsure("my parcel"), Words("my bill", 0.9)), "my bill"),
    ("other words, not sure either", (unsure("my parcel"), unsure("my bill")), "my bill"),
    ("no, then unsure words", (unsure("my parcel"), Words("no", 0.9), unsure("my bill")), "my bill"),
    ("key 2, then words", (unsure("my parcel"), Keys("2"), Words("my bill", 0.9)), "my bill"),
    ("a key that is no answer, then yes", (unsure("my parcel"), Keys("7"), Keys("1")), "my parcel"),
    ("silence, then yes", (unsure("my parcel"), Silent(), Keys("1")), "my parcel"),
    ("digits are never in doubt", (Keys("100101"),), "100101"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "inputs", "heard"), SAID, ids=[name for name, *_ in SAID])
def test_what_the_bot_hears(name: str, inputs: tuple[AnyInput, ...], heard: str) -> None:
    caller = calling()
    for each in inputs[:-1]:
        caller.give(each)
        assert asked(caller) == "", "too early"
    caller.give(inputs[-1])
    assert asked(caller) == heard


def test_what_was_heard_is_read_back_with_yes_and_no_by_voice_and_keys() -> None:
    caller = calling()
    caller.give(unsure("my parcel"))
    assert "Did you say: my parcel?" in caller.said()
    found = listen(caller.turn)
    assert [(option.key, option.value) for option in found.options] == [("1", "yes"), ("2", "no")]
    assert (found.speech, found.max_digits) == (True, 1)
    assert {"Yes", "No"} <= set(found.hints)
    caller.give(Keys("2"))
    assert "say it again" in caller.said()


def test_it_is_read_back_in_the_callers_language() -> None:
    caller = calling()
    caller.give(Words("hello"), answer("您好", slots={"language": "zh"}), unsure("退款"))
    assert "您说的是：退款，对吗？" in caller.said()
    caller.give(Words("是的", 0.4))
    assert asked(caller) == "退款"


def test_the_next_message_may_be_in_doubt_again() -> None:
    caller = calling()
    caller.give(unsure("one"), Keys("1"), answer("Go on."), unsure("two"))
    assert "Did you say: two?" in caller.said()


@pytest.mark.parametrize(
    ("context", "fields"), [(SMS, {}), (PHONE, {"confirm_below": 0})], ids=["written", "never"]
)
def test_where_nothing_is_read_back(context: Context, fields: dict[str, Any]) -> None:
    caller = calling(context, **fields)
    caller.give(unsure("my parcel", 0.0))
    assert asked(caller) == "my parcel"


def test_the_words_of_a_button_need_no_confirmation() -> None:
    caller = calling()
    caller.give(Words("hello"), answer("Which?", buttons=("Refund", "Repair")), unsure("refund", 0.1))
    assert asked(caller) == "/refund"


def test_who_does_not_answer_what_was_read_back_gets_a_person() -> None:
    caller = calling()
    caller.give(unsure("my parcel"), Silent(), Keys("5"), Silent())
    assert caller.session.node == "person"


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "yes", "no"]), st.floats(0, 1)), min_size=3, max_size=12)
)
def test_nobody_is_asked_twice_about_one_message(said: list[tuple[str, float]]) -> None:
    caller = calling()
    questions = 0
    for text, confidence in said:
        caller.give(Words(text, confidence))
        if asked(caller):
            questions = 0
            caller.give(answer("Go on."))
        elif "Did you say" in caller.said():
            questions += 1
        assert questions <= 1


# --- the keypad -----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [(), (Words("hello"),), (Words("hello"), "buttons"), (unsure("x"),)])
def test_the_operator_key_always_leads_to_a_person(before: tuple[Any, ...]) -> None:
    caller = calling()
    for each in before:
        given_ = answer("Which?", buttons=("A", "B")) if each == "buttons" else each
        caller.give(given_)
        if asked(caller) and each != before[-1]:
            continue
        if asked(caller):
            caller.give(answer("Go on.", slots={"order_number": "1"}))
    turn = caller.give(Keys("0"))
    assert turn.steps[0].exit == "handoff"
    assert caller.session.variables["bot"]["handoff_reason"] == "requested"


def test_another_operator_key_is_kept_free_of_buttons() -> None:
    caller = calling(operator_key='"2"')
    caller.give(Words("hello"), answer("Which?", buttons=("A", "B")))
    assert [option.key for option in listen(caller.turn).options] == ["1", "3"]
    caller.give(Keys("3"))
    assert asked(caller) == "/b"
    caller.give(answer("Go on."), Keys("2"))
    assert caller.session.node == "person"


def test_more_than_one_operator_key_is_a_mistake() -> None:
    with pytest.raises(Exception, match="more than one key"):
        calling(operator_key='"12"')


# --- what the recogniser is told ------------------------------------------------------------------


def test_hints_are_the_nodes_words_the_buttons_and_numbers() -> None:
    caller = calling()
    first = listen(caller.turn)
    assert (first.hints, first.numbers, first.listens_for) == (("tent", "refund"), True, "sentences")
    assert first.max_digits == 32
    caller.give(Words("hello"), answer("Which?", buttons=("Order", "Bill")))
    assert listen(caller.turn).hints == ("Order", "Bill", "tent", "refund")


def test_another_language_is_listened_for() -> None:
    caller = calling()
    turn = caller.give(Words("中文"), answer("好的。", slots={"language": "zh"}))
    assert (listen(turn).language, listen(turn).hints) == ("zh", ("帐篷",))
    assert turn.instructions[-1].prompts[0].language == "zh"  # type: ignore[union-attr]  # a Say
    caller.give(Words("你好"), answer("Bonjour", slots={"language": "fr"}))
    assert caller.session.language == "zh", "the flow does not speak it"


# --- floods ---------------------------------------------------------------------------------------


def test_who_floods_is_told_once_and_then_not_answered() -> None:
    caller = calling(SMS)
    caller.give(Words("hello"), answer("Which?", buttons=("A",)))
    flooded = Done("ask_bot", {"flooded": True})
    caller.give(Words("one"), flooded)
    assert "One moment" in caller.said()
    assert listen(caller.turn).offer_options is False
    for text in ("two", "three"):
        caller.give(Words(text), flooded)
        assert (caller.said(), listen(caller.turn).offer_options) == ("", False)
    caller.give(Words("four"), answer("Here I am."))
    assert caller.said() == "Here I am."
    caller.give(Words("five"), flooded)
    assert "One moment" in caller.said()


def test_messages_that_the_bot_did_not_hear_do_not_count() -> None:
    caller = calling(SMS, max_turns=2)
    for _ in range(5):
        caller.give(Words("x"), Done("ask_bot", {"flooded": True}))
    caller.give(Words("x"), answer("Go on."), Words("x"), answer("Go on."))
    assert caller.session.node == "node"
    caller.give(Words("x"))
    assert caller.session.node == "person"


# --- given back by a person -----------------------------------------------------------------------


def with_person(caller: Caller) -> Caller:
    caller.give(Words("hello"), answer("One moment.", handoff=True, handoff_reason="requested"))
    caller.give(Done("enter_queue", {"entered": True}))
    assert isinstance(caller.turn.instructions[-1], WaitInQueue)
    return caller


@pytest.mark.parametrize("note", ["", "the parcel is at the depot"])
def test_the_bot_goes_on_with_its_state_and_the_note(note: str) -> None:
    caller = with_person(calling())
    turn = caller.give(HandedBack(note))
    assert "virtual assistant again" in caller.said()
    assert [(step.node, step.exit) for step in turn.steps] == [("person", "handed_back"), ("node", "")]
    caller.give(Words("thanks"))
    assert caller.session.effect == AskBot("thanks", "en", "s1", note, 20)
    caller.give(answer("Welcome."), Words("bye"))
    assert caller.session.effect == AskBot("bye", "en", "s1", "", 20), "the note is told once"


def test_a_line_of_the_flows_own_is_said() -> None:
    caller = with_person(calling(back="{en: Back to the robot., zh: 机器人。}"))
    caller.give(HandedBack())
    assert caller.said() == "Back to the robot."


def test_a_subflows_bot_takes_back_and_returns_to_the_flow_around_it() -> None:
    outer = one_flow("  a: {kind: subflow, flow: inner, next: b}\n  b: {kind: hang_up, text: Bye}")
    nodes = "  ask: {kind: ask_bot, text: Hi, next: r}\n  r: {kind: return}\n"
    inner = f"flow: inner\nlanguages: [en]\nstart: ask\nnodes:\n{nodes}"
    caller = with_person(Caller(FlowSet.from_texts(outer | {"inner": inner}), flow="f"))
    assert caller.session.flow == "f"
    caller.give(HandedBack(), Words("bye"), answer("Bye bye.", closed=True))
    assert "Bye bye. Bye" in caller.said()


def test_who_never_met_the_bot_meets_it_from_the_beginning() -> None:
    bot = "  bot: {kind: ask_bot, text: Hi, next: bye}\n  bye: {kind: hang_up, text: Bye}"
    caller = Caller(FlowSet.from_texts(one_flow("  a: {kind: queue, queue: q, next: bot}\n" + bot)))
    caller.give(Done("enter_queue", {"entered": True}), HandedBack(), Words("hello"))
    assert caller.session.effect == AskBot("hello", "en", "", "", 20)


def test_without_a_bot_nothing_happens() -> None:
    caller = Caller(FlowSet.from_texts(one_flow("  a: {kind: queue, queue: q}")))
    caller.give(Done("enter_queue", {"entered": True}))
    before = caller.session
    assert place_back(caller.flows, before) is None
    assert caller.give(HandedBack()).session == before


@given(
    st.lists(
        st.one_of(
            st.builds(HandedBack, st.text(max_size=5)),
            st.builds(Words, st.text(max_size=5), st.floats(0, 1)),
            st.sampled_from([
                Keys("0"), Keys("1"), Silent(), Picked("x"), QueueLeft("answered"), answer("Go on."),
                Done("enter_queue", {"entered": True}), Done("ask_bot", {"flooded": True}),
            ]),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_comes_there_is_something_to_wait_for(inputs: list[AnyInput]) -> None:
    caller = calling()
    caller.give(*inputs)
    assert caller.session.waiting in ("input", "effect", "ended")
    assert caller.turn.fault == ""
    caller.give(HungUp())
    assert caller.session.waiting == "ended"
