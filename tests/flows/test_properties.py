"""Whatever a customer and the world do, in any order, on any flow: a turn never raises and never hangs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import FlowSet, Session, Turn, advance, begin, instructions_now
from ivr_flows.calendar import ALWAYS_OPEN
from ivr_flows.engine import tag
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
from ivr_flows.instructions import Connect, HangUp, Listen, RecordMessage, WaitInQueue
from ivr_flows.nodes import NODES
from ivr_flows.session import Context, Traits
from tests.support.flowkit import NOW, around, reloaded

SHIPPED = FlowSet.load(Path("ivr_flows/definitions"))
AROUND = {kind: FlowSet.from_texts(around(NODES[kind].example)) for kind in NODES}
WAITS = (Listen, RecordMessage, WaitInQueue, Connect, HangUp)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
RESULTS = st.fixed_dictionaries(
    {},
    optional={
        "found": st.booleans(),
        "allowed": st.booleans(),
        "record": ANYTHING,
        "entered": st.booleans(),
        "reason": st.sampled_from(["full", "closed", "unknown", ""]) | ANYTHING,
        "accepted": st.booleans(),
        "ok": st.booleans(),
        "body": ANYTHING,
        "number": st.text(max_size=8),
        "due_at": st.just("2026-03-03T09:00:00Z") | ANYTHING,
        "replies": st.lists(st.fixed_dictionaries({"text": st.text(max_size=9)}), max_size=2) | ANYTHING,
        "handoff": st.booleans(),
        "closed": st.booleans(),
        "state": ANYTHING,
    },
)
SAID = st.sampled_from(
    [
        "1",
        "2",
        "yes",
        "no",
        "是",
        "不是",
        "one two three four",
        "010*021",
        "人工",
        "billing",
        "投诉",
        "１２３４５",
        "",
    ]
) | st.text(max_size=30)
INPUTS: st.SearchStrategy[AnyInput] = st.one_of(
    st.builds(Keys, st.text("0123456789*#", max_size=12) | st.text(max_size=5)),
    st.builds(Words, SAID, st.none() | st.floats(0, 1)),
    st.builds(Picked, SAID),
    st.just(Silent()),
    st.just(Started()),
    st.builds(Recorded, st.floats() | st.just(3.0), st.text(max_size=4), st.booleans()),
    st.builds(
        QueueLeft, st.sampled_from(["answered", "left", "timed_out", "full", "closed", "error", "callback"])
    ),
    st.builds(Connected, st.sampled_from(["answered", "busy", "no_answer", "failed", "canceled", "?"])),
    st.builds(Done, st.sampled_from(["look_up", "enter_queue", "ask_bot"]), RESULTS),
    st.builds(HungUp),
)
CUSTOMER = {"name": "Li Wei", "first_name": "Wei", "language": "zh", "tier": "gold", "is_key": True}
CONTEXTS = st.tuples(
    st.sampled_from([Traits("phone", True), Traits("sms", False), Traits("web", False, True)]),
    st.none() | st.just(CUSTOMER) | st.just({"name": "{{ 1/0 }}", "is_key": False}),
    st.sampled_from([{}, {"channel": "phone", "from_address": "+8613800000000"}]),
    st.sampled_from([{}, {"name": "Lakeside", "timetable_url": "https://example.com"}]),
    st.sampled_from([{}, {"office": ALWAYS_OPEN, "hotline": ALWAYS_OPEN}]),
).map(lambda parts: Context(NOW, *parts))


def check(turn: Turn, flows: FlowSet, context: Context) -> None:
    """What holds after every turn."""
    session = turn.session
    assert reloaded(session) == session
    assert (turn.effect is not None) == (session.waiting == "effect" and bool(turn.steps or turn.effect))
    ends = [each for each in turn.instructions if isinstance(each, WAITS)]
    if turn.effect is not None:
        assert ends == []
    elif turn.instructions:
        assert ends == [turn.instructions[-1]]
        assert isinstance(ends[0], HangUp) == (session.waiting == "ended")
    if session.waiting == "input":
        again = instructions_now(flows, session, context)
        assert len(again) == 1
        assert not turn.instructions or again[-1] == turn.instructions[-1]


def fitting(session: Session, wait: Any) -> st.SearchStrategy[AnyInput]:
    """Inputs that the present wait is made for, so that play gets somewhere."""
    if session.effect is not None:
        name = tag(session.effect)
        return st.builds(Done, st.just(name), RESULTS) | st.just(Failed(name, "timeout"))
    if isinstance(wait, WaitInQueue):
        keys = [Keys(key) for key in wait.leave_keys]
        return st.sampled_from([QueueLeft("answered"), QueueLeft("timed_out"), QueueLeft("full"), *keys])
    if isinstance(wait, RecordMessage):
        return st.sampled_from([Recorded(3.0, "R1"), Recorded(0.0), Words("Please call me.")])
    if isinstance(wait, Listen) and wait.options:
        option = st.sampled_from(wait.options)
        return option.map(lambda o: Keys(o.key)) | option.map(lambda o: Picked(o.value))
    return st.sampled_from([Keys("1234"), Words("12345"), Keys("010*021"), Words("It broke."), Silent()])


def play(flows: FlowSet, flow: str, context: Context, data: Any) -> None:
    session = begin(flows, flow, data.draw(st.sampled_from(["", "en", "zh-CN", "fr"])))
    turn = advance(flows, session, Started(), context)
    check(turn, flows, context)
    for _ in range(data.draw(st.integers(0, 40))):
        session = reloaded(turn.session)
        wait = next(iter(instructions_now(flows, session, context)), None)
        given = data.draw(fitting(session, wait) if data.draw(st.integers(0, 4)) else INPUTS)
        turn = advance(flows, session, given, context)
        if turn.effect is None and not turn.instructions:
            assert turn.session == session or isinstance(given, HungUp)
        check(turn, flows, context)


@pytest.mark.parametrize("flow", SHIPPED.flows)
@settings(max_examples=60, deadline=None)
@given(context=CONTEXTS, data=st.data())
def test_any_inputs_on_any_shipped_flow(flow: str, context: Context, data: Any) -> None:
    play(SHIPPED, flow, context, data)


@pytest.mark.parametrize("kind", NODES)
@settings(max_examples=15, deadline=None)
@given(context=CONTEXTS, data=st.data())
def test_any_inputs_on_any_node(kind: str, context: Context, data: Any) -> None:
    play(AROUND[kind], "around", context, data)


@settings(max_examples=40, deadline=None)
@given(context=CONTEXTS, data=st.data())
def test_the_same_turn_twice_is_the_same_turn(context: Context, data: Any) -> None:
    session = advance(SHIPPED, begin(SHIPPED, "front_door"), Started(), context).session
    for _ in range(4):
        given = data.draw(INPUTS)
        before = reloaded(session)
        first, second = (advance(SHIPPED, session, given, context) for _ in range(2))
        assert first == second
        assert session == before
        session = first.session
