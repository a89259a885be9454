"""The terminal desk's commands: what each asks of the API, and what cannot be done."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contact_center.api.endpoint import Nothing
from contact_center.api.table import ENDPOINTS
from contact_center.cli.desk_commands import COMMANDS
from tests.cli.desk_kit import ANN, AT, ME, Desk, a_state, a_work

OFFERS, WORKS, CONTACTS = "/offers/off_1/", "/works/wrk_1/", "/contacts/con_1/"
TYPED: list[tuple[str, str, str, str, dict[str, Any] | None]] = [
    ("offered", "a", "POST", OFFERS + "accept", {}),
    ("offered", "accept", "POST", OFFERS + "accept", {}),
    ("offered", "decline", "POST", OFFERS + "decline", {"reason": ""}),
    ("offered", "d", "POST", OFFERS + "decline", {"reason": ""}),
    ("offered", "d in a meeting", "POST", OFFERS + "decline", {"reason": "in a meeting"}),
    ("active", "hold", "POST", WORKS + "hold", {"on": True}),
    ("active", "back", "POST", WORKS + "hold", {"on": False}),
    ("active", "end", "POST", WORKS + "end", None),
    ("active", "1 end", "POST", WORKS + "end", None),
    ("active", "  1   end ", "POST", WORKS + "end", None),
    ("wrap_up", "done", "POST", WORKS + "wrap-up", {"disposition": "", "note": ""}),
    ("wrap_up", "done resolved sent a new one", "POST", WORKS + "wrap-up",
     {"disposition": "resolved", "note": "sent a new one"}),
    ("active", "queue service", "POST", WORKS + "transfer", {"queue": "service"}),
    ("active", "agent Ann@Example.com", "POST", WORKS + "transfer", {"agent_id": ANN}),
    ("active", f"agent {ANN}", "POST", WORKS + "transfer", {"agent_id": ANN}),
    ("active", "number +12025550123", "POST", WORKS + "transfer", {"number": "+12025550123"}),
    ("active", "bot", "POST", WORKS + "hand-back", {"note": ""}),
    ("active", "bot the parcel is found", "POST", WORKS + "hand-back", {"note": "the parcel is found"}),
    ("active", "consult ann@example.com", "POST", WORKS + "consult", {"agent_id": ANN}),
    ("active", "join", "POST", WORKS + "consult/join", None),
    ("active", "complete", "POST", WORKS + "consult/complete", None),
    ("active", "cancel", "POST", WORKS + "consult/cancel", None),
    ("active", "say good day", "POST", CONTACTS + "messages", {"text": "good day"}),
    ("active", "why", "GET", CONTACTS + "why", None),
    ("active", "available", "PUT", f"/agents/{ME}/presence",
     {"presence": "available", "reason": "", "overtime": False}),
    ("active", "available overtime", "PUT", f"/agents/{ME}/presence",
     {"presence": "available", "reason": "", "overtime": True}),
    ("active", "break lunch", "PUT", f"/agents/{ME}/presence",
     {"presence": "break", "reason": "lunch", "overtime": False}),
    ("active", "offline", "PUT", f"/agents/{ME}/presence",
     {"presence": "offline", "reason": "", "overtime": False}),
]  # fmt: skip


def a_desk(state: str) -> Desk:
    """With one chat in that state."""
    desk = Desk()
    desk.offered(kind="chat")
    if state != "offered":
        desk.work(a_work(state=state, version=2, kind="chat"))
    return desk


@pytest.mark.parametrize(("state", "line", "method", "path", "body"), TYPED)
def test_each_command_asks_for_what_it_means(
    state: str, line: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    (ask,) = a_desk(state).type(line).asks
    assert (ask.method, ask.path, ask.body) == (method, path, body)
    (endpoint,) = [one for one in ENDPOINTS if one.method == method and _matches(one.path, path)]
    if endpoint.body is not Nothing:
        endpoint.body.model_validate(body)


def _matches(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", template), path) is not None


def test_every_command_is_tried_and_in_the_help() -> None:
    tried = {word for _, line, *_ in TYPED for word in line.split()}
    assert COMMANDS.keys() - tried == {"works", "help", "quit"}
    told = "\n".join(Desk().type("help").lines)
    assert all(known.usage in told and known.summary in told for known in COMMANDS.values())


def test_a_command_acts_on_the_newest_work_that_it_can_act_on() -> None:
    desk = Desk()
    desk.talking(1, kind="chat")
    desk.talking(2, kind="chat")
    desk.offered(3)
    assert desk.type("end").asks[0].path == "/works/wrk_2/end"
    assert desk.type("1 end").asks[0].path == "/works/wrk_1/end"
    assert desk.type("a").asks[0].path == "/offers/off_3/accept"


def test_words_go_to_the_newest_chat_and_not_to_a_call() -> None:
    desk = Desk()
    desk.talking(1, kind="chat")
    desk.talking(2, kind="call")
    assert desk.type("say hello").asks[0].path == "/contacts/con_1/messages"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("xyzzy", "There is no command 'xyzzy'. `help` lists the commands."),
        ("hodl", "There is no command 'hodl'. Did you mean 'hold'? `help` lists the commands."),
        ("7 end", "There is no 7; `works` lists what you have."),
        ("7", "What about 7? `help` lists the commands."),
        ("a", "There is nothing for `a` to act on just now; `works` lists what you have."),
        ("1 a", "1 is not offered to you any more."),
        ("queue", "To which queue? queue NAME"),
        ("number", "To which number? number N"),
        ("say", "Say what? say TEXT"),
        ("agent ann@exampel.com",
         "There is no agent 'ann@exampel.com'. Did you mean 'ann@example.com'? `contact-center agents list` "
         "shows them."),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_without_asking(line: str, told: str) -> None:
    reaction = a_desk("active").type(line)
    assert (reaction.lines, reaction.asks) == ([told], [])


@pytest.mark.parametrize("line", ["", "   "])
def test_an_empty_line_is_nothing(line: str) -> None:
    reaction = Desk().type(line)
    assert (reaction.lines, reaction.asks, reaction.leave) == ([], [], False)


def test_a_ticket_takes_no_messages_and_has_no_why() -> None:
    desk = Desk()
    desk.talking(kind="ticket", contact_id=None, ticket_id="tkt_1")
    assert desk.screen.listed()[1] == "1: ticket, queue sales, active, the ticket: late parcel"
    assert desk.type("1 say hello").asks == []
    assert desk.type("why").asks == []


def test_why_is_still_answered_when_the_work_is_over() -> None:
    desk = Desk()
    assert desk.type("why").lines == ["Nothing has been offered to you yet."]
    desk.talking()
    desk.work(a_work(state="done", version=9, outcome="handled"))
    (ask,) = desk.type("why").asks
    assert ask.path == "/contacts/con_1/why"
    assert desk.answer(ask, {"lines": ["Waits in sales", "  because"]}).lines == [
        "    Waits in sales",
        "      because",
    ]


def test_quitting_with_work_in_hand_is_said_twice() -> None:
    desk = Desk()
    assert desk.type("quit").leave
    desk.talking(1)
    desk.talking(2)
    first = desk.type("quit")
    assert (first.lines, first.leave) == (["You still have 1, 2; `quit` again leaves all the same."], False)
    assert desk.type("quit").leave


def test_the_list_names_state_and_work() -> None:
    desk = Desk()
    assert desk.type("works").lines == ["You are offline.", "You have no work."]
    desk.state(a_state(1, stage="active"))
    desk.talking(1, held_at=AT)
    desk.talking(2, kind="consult", queue="")
    assert desk.type("works").lines == [
        "You are on contact.",
        "1: call, queue sales, active, on hold, the customer: late parcel",
        "2: consult, for you alone, active, the customer: late parcel",
    ]
