"""The terminal desk: what the bot leaves with an offer, and the bot having the customer again."""

from __future__ import annotations

from typing import Any

from contact_center.cli.desk_screen import Ask
from tests.cli.desk_kit import CONTACT, Desk

HANDOFF: dict[str, Any] = {
    "wants": "wants money back",
    "why": "the customer is angry",
    "summary": "money back for a tent",
    "slots": [{"label": "order", "value": "100101"}, {"label": "product", "value": "tent"}],
    "lines": [{"who": "customer", "text": f"line {number}"} for number in range(9)],
}


def popped(handoff: dict[str, Any] | None) -> list[str]:
    """The lines of the screen pop that tell of the contact."""
    desk = Desk()
    desk.offered()
    ask = Ask(method="GET", path="/contacts/con_1", then="contact", work_id="wrk_1")
    return desk.answer(ask, CONTACT | {"handoff": handoff}).lines


def test_an_offer_shows_what_the_bot_leaves() -> None:
    lines = [line.strip() for line in popped(HANDOFF)]
    assert lines[:3] == [
        "from the bot: wants money back (the customer is angry)",
        "known: order 100101, product tent",
        "summary: money back for a tent",
    ]
    assert lines[3:] == [f"customer: line {number}" for number in range(3, 9)]


def test_nothing_is_shown_that_is_not_there() -> None:
    assert popped(None) == []
    empty = HANDOFF | {"wants": "", "summary": "", "slots": [], "lines": []}
    assert [line.strip() for line in popped(empty)] == [
        "from the bot: nothing was understood (the customer is angry)"
    ]


def test_the_agent_hears_that_the_bot_has_the_customer_again() -> None:
    desk = Desk()
    desk.offered()
    desk.talking(version=2)
    assert desk.hear("handed_back", {"work_id": "wrk_1"}).lines == ["1: the bot has the customer again"]
