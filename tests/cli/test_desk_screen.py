"""The terminal desk as a pure thing: what it shows of notices and answers."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import contact_center
from contact_center.announcing import Told, shown_work
from contact_center.cli.desk_notices import _EVENTS
from contact_center.cli.desk_screen import Ask
from tests.cli.desk_kit import ANN, AT, CONTACT, CUSTOMER, ME, Desk, a_state, a_work, an_offer


def test_every_notice_that_there_is_has_a_place_on_the_desk() -> None:
    found: set[str] = set()
    for path in Path(contact_center.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "notice":
                found |= {str(arg.value) for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
    assert {"offer", "offer_over", "message", "trouble"} <= found
    assert found | {"hello", "work", "state", "going_away"} <= _EVENTS.keys()


def test_an_offer_says_what_waits_how_long_and_how_long_there_is_to_answer() -> None:
    reaction = Desk().offered(tier="gold", language="en", priority=5)
    assert reaction.lines == [
        "1: OFFER of a call, queue sales, waited 12 s: late parcel",
        "    gold customer, speaks en, priority 5",
        "    20 s to answer: a accepts, d declines",
    ]


def test_the_screen_pop_reads_the_contact_then_the_customer_and_the_path() -> None:
    desk = Desk()
    first = desk.hear("work", {**_shown(), "state": "offered"}).asks
    assert [(ask.method, ask.path) for ask in first] == [("GET", "/contacts/con_1")]
    second = desk.answer(first[0], CONTACT)
    assert [ask.path for ask in second.asks] == ["/customers/cus_1", "/contacts/con_1/timeline"]
    customer, path = second.asks
    assert desk.answer(customer, CUSTOMER).lines == [
        "1: Ada Wilson, +12025550101, gold customer, speaks en",
    ]
    steps = [["menu", "ask", "3"], ["menu", "sure", "next"], ["billing", "wait", ""]]
    entries = [{"kind": "queued", "data": {}}, {"kind": "path", "data": {"steps": steps}}]
    assert desk.answer(path, {"entries": entries}).lines == ["    came by menu/ask (3) → sure → billing/wait"]
    assert desk.talking(version=2) == ["1: you are connected with Ada Wilson"]


def _shown() -> dict[str, Any]:
    return shown_work(a_work())


def test_a_caller_who_is_not_known_is_shown_by_the_number_or_without_one() -> None:
    for address, name in (("+12025550177", "+12025550177"), ("", "somebody without a number")):
        desk = Desk()
        (ask,) = desk.hear("work", _shown()).asks
        reaction = desk.answer(ask, CONTACT | {"customer_id": None, "from_address": address})
        assert reaction.lines == [f"1: {name}, not a known customer"]
        assert [each.path for each in reaction.asks] == ["/contacts/con_1/timeline"]


def test_a_screen_pop_that_fails_disturbs_nobody_and_a_command_that_fails_says_why() -> None:
    desk = Desk()
    (pop,) = desk.hear("work", _shown()).asks
    assert desk.answer(pop, {"detail": "No."}, 404).lines == []
    ask = Ask(method="POST", path="/works/wrk_1/end", then="work")
    assert desk.answer(ask, {"detail": "Not now."}, 409).lines == ["! Not now."]
    assert desk.answer(ask, None, 502).lines == ["! The contact centre answered 502."]


def test_a_call_from_offer_to_the_end_of_its_wrap_up() -> None:
    desk = Desk()
    desk.offered()
    assert desk.work(a_work(state="connecting", version=2)) == ["1: you are being called"]
    assert desk.talking(version=3) == ["1: you are connected with the customer"]
    assert desk.talking(version=4, held_at=AT) == ["1: the customer is on hold"]
    assert desk.talking(version=5) == ["1: the customer is back from hold"]
    ending = a_work(state="wrap_up", version=6, due_at=AT + timedelta(seconds=60))
    assert desk.work(ending) == [
        "1: the conversation is over; write it up within 60 s: done [disposition] [note]"
    ]
    assert desk.work(a_work(state="done", version=7, outcome="handled")) == ["1: finished"]
    assert desk.screen.items == {}


@pytest.mark.parametrize(
    ("after", "line"),
    [
        (
            a_work(state="waiting", version=9, agent_id=None, queue="service"),
            "1: back in line for queue service",
        ),
        (a_work(state="active", version=9, agent_id=ANN), "1: Ann Lee has it now"),
        (a_work(state="done", version=9, outcome="failed"), "1: finished (failed)"),
    ],
)
def test_work_that_is_no_longer_the_agents(after: Any, line: str) -> None:
    desk = Desk()
    desk.talking()
    assert desk.work(after) == [line]
    assert desk.work(after) == []


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("expired", "1: you did not answer; it went back into line"),
        ("declined", "1: declined"),
        ("abandoned", "1: taken back (left while waiting)"),
    ],
)
@pytest.mark.parametrize("answer_first", [False, True])
def test_the_end_of_an_offer_is_told_once_in_whichever_order_things_come(
    reason: str, line: str, answer_first: bool
) -> None:
    desk = Desk()
    desk.offered()
    gone = a_work(state="waiting", version=2, agent_id=None)
    over = {"work_id": "wrk_1", "offer_id": "off_1", "agent_id": ME, "reason": reason}
    lines = desk.work(gone) if answer_first else []
    lines += desk.hear("offer_over", over).lines
    lines += desk.work(gone)
    assert lines == [line]
    assert desk.screen.items == {}


def test_the_end_of_an_offer_that_was_accepted_or_never_came_is_not_told() -> None:
    desk = Desk()
    desk.offered()
    assert desk.hear("offer_over", {"work_id": "wrk_1", "reason": "accepted"}).lines == []
    assert desk.hear("offer_over", {"work_id": "wrk_9", "reason": "expired"}).lines == []
    assert len(desk.screen.items) == 1


def test_what_is_older_than_what_is_known_brings_nothing_back() -> None:
    desk = Desk()
    desk.talking(version=5)
    assert desk.work(a_work(state="offered", version=4)) == []
    assert desk.work(a_work(state="done", version=7, outcome="handled")) == ["1: finished"]
    assert desk.work(a_work(state="wrap_up", version=6)) == []
    assert desk.screen.items == {}
    assert desk.state(a_state(3)) == ["You are available."]
    assert desk.state(a_state(2, "offline")) == []


def test_work_that_comes_again_has_a_new_number_and_the_name_that_is_known() -> None:
    desk = Desk()
    (pop,) = desk.hear("work", _shown()).asks
    for ask in desk.answer(pop, CONTACT).asks[:1]:
        desk.answer(ask, CUSTOMER)
    desk.hear("offer_over", {"work_id": "wrk_1", "reason": "declined"})
    desk.offered(version=3)
    assert desk.talking(version=4) == ["2: you are connected with Ada Wilson"]


def test_the_agents_state_is_told_when_it_is_another_one() -> None:
    desk = Desk()
    assert desk.state(a_state(0)) == ["You are available."]
    assert desk.state(a_state(1, stage="offered")) == []
    assert desk.state(a_state(2)) == []
    assert desk.state(a_state(3, stage="active")) == ["You are on contact."]
    assert desk.state(a_state(4, stage="wrap_up")) == ["You are in wrap-up."]
    assert desk.state(a_state(5, "break", reason="lunch")) == ["You are on a break (lunch)."]
    assert desk.state(a_state(6, "not_responding", reason="no_answer")) == [
        "You are not responding (no answer); `available` brings you back."
    ]


def test_messages_troubles_and_consultations_name_the_work() -> None:
    desk = Desk()
    desk.talking(kind="chat")
    message = {"contact_id": "con_1", "message_id": "msg_1", "text": "hello", "at": AT}
    assert desk.hear("message", message).lines == ["1: the customer wrote: hello"]
    assert desk.hear("message", message | {"contact_id": "con_9"}).lines == [
        "A customer of yours wrote: hello"
    ]
    assert desk.hear("trouble", {"work_id": "wrk_1", "reason": "no_answer"}).lines == [
        "1: trouble: no answer"
    ]
    over = {"work_id": "wrk_1", "consult_id": "wrk_2"}
    assert desk.hear("consult_over", over).lines == ["1: nobody answered your question; cancel goes on alone"]
    joined = over | {"agent_id": ANN}
    assert desk.hear("consult_joined", joined).lines == ["1: Ann Lee has come: join, complete or cancel"]


def test_a_notice_of_tomorrow_says_nothing() -> None:
    assert Desk().hear("hologram", {"x": 1}).lines == []


def test_an_old_snapshot_and_the_notices_since_make_the_new_snapshot() -> None:
    """The snapshot law: to a desk that has heard every notice, a fresh snapshot has nothing to add."""
    told = Told()
    before, after = a_work(1, "offered", 1), a_work(1, "active", 2)
    second = a_work(2, "offered", 1)
    told.work(before, after)
    told.work(None, second)
    told.agent(a_state(4, stage="active"))
    desk = Desk()
    desk.hello([before], [an_offer(1)], a_state(3, stage="offered"))
    assert desk.told(told) == ["1: you are connected with the customer", "You are on contact."]
    desk.hear("offer", {"offer": an_offer(2), "work": second})
    assert desk.hello([after, second], [an_offer(2)], a_state(4, stage="active")) == []
    fresh = Desk()
    fresh.hello([after, second], [an_offer(2)], a_state(4, stage="active"))
    assert fresh.screen.listed() == desk.screen.listed()


def test_after_a_lost_connection_the_snapshot_tells_what_was_missed() -> None:
    desk = Desk()
    desk.talking(1)
    lines = desk.hello([a_work(2)], [an_offer(2, seconds=8)], a_state(9, stage="offered"))
    assert lines == [
        "1: it is no longer yours",
        "2: OFFER of a call, queue sales, waited 12 s: late parcel",
        "    8 s to answer: a accepts, d declines",
    ]


def test_the_countdown_is_told_twice_and_not_for_what_is_answered() -> None:
    desk = Desk()
    desk.offered()
    lines: list[str] = []
    for second in range(25):
        lines += desk.screen.tick(AT + timedelta(seconds=second)).lines
    assert lines == ["1: 10 s left to answer", "1: 5 s left to answer"]
    desk = Desk()
    desk.offered()
    desk.talking(version=2)
    assert desk.screen.tick(AT + timedelta(seconds=15)).lines == []


def test_an_offer_that_is_accepted_for_the_agent_asks_for_nothing() -> None:
    offer = an_offer(auto_accept=True)
    assert Desk().offered(offer=offer).lines == ["1: OFFER of a call, queue sales, waited 12 s: late parcel"]
