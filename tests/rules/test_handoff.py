"""What the bot leaves to a person, out of the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.runtime import HANDOFF_REASONS
from contact_center.handoff import MOST_LINES, WHY, handoff_of
from crm_store.journal import Entry

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Story:
    """A journal in the making: each turn is an input, what the bot was asked, and the path."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, kind: str, /, **data: Any) -> None:
        at = AT + timedelta(seconds=len(self.entries))
        self.entries.append(Entry("con_1", len(self.entries), at, kind, data))

    def turn(self, text: str, way: str = "", *, kind: str = "words", **result: Any) -> Story:
        """The bot is asked ``text`` and answers with ``result``, and its node is left by ``way``."""
        self.note("input", turn=1, kind=kind, text=text)
        asked = {"effect": "ask_bot", "text": text, "language": "en"}
        answer = {"kind": "done", "effect": "ask_bot", "result": {"replies": []} | result}
        self.note("effect", asked=asked, result=answer)
        return self.path(way)

    def path(self, way: str = "") -> Story:
        rest = [["f", "wait", ""]] if way else []
        self.note("path", turn=1, steps=[["f", "bot", way], *rest])
        return self

    def unasked(self, way: str, **given: Any) -> Story:
        """An input with which the bot is left without being asked."""
        self.note("input", turn=1, **given)
        return self.path(way)


def told(text: str, **more: Any) -> dict[str, Any]:
    return {"replies": [{"text": text, "buttons": more.pop("buttons", [])}], **more}


def test_everything_that_an_agent_wants_to_know() -> None:
    slots = {
        "language": "en", "order_number": "100101", "handoff_summary": "a late order",
        "product": ["tent", "rope"], "reach": None, "misunderstandings": 2.0, "odd_name": True,
    }  # fmt: skip
    story = Story().turn("where is my order", **told("Which?", intent="order_status", slots={}))
    story.turn("100101", **told("It is late.", intent="inform", slots=slots))
    story.turn(
        "a human!",
        "handoff",
        **told("One moment.", intent="human", handoff=True, handoff_reason="requested", slots=slots),
    )
    found = handoff_of(story.entries)
    assert found is not None
    assert (found.intent, found.wants) == ("order_status", "wants to know where an order is")
    assert (found.reason, found.why) == ("requested", "the customer asked for a person")
    assert found.summary == "a late order"
    assert [(one.label, one.value) for one in found.slots] == [
        ("order", "100101"), ("product", "tent, rope"), ("odd name", "True"),
    ]  # fmt: skip
    assert [(line.who, line.text) for line in found.lines] == [
        ("customer", "where is my order"), ("bot", "Which?"), ("customer", "100101"), ("bot", "It is late."),
        ("customer", "a human!"), ("bot", "One moment."),
    ]  # fmt: skip
    chinese = handoff_of(story.entries, "zh-CN")
    assert chinese is not None
    assert (chinese.wants, chinese.slots[0].label) == ("想查询订单状态", "订单号")


@pytest.mark.parametrize("reason", HANDOFF_REASONS)
def test_every_reason_of_the_bot_has_words(reason: str) -> None:
    found = handoff_of(Story().turn("x", "handoff", handoff=True, handoff_reason=reason).entries)
    assert found is not None
    assert (found.reason, found.why) == (reason, WHY[reason][0])


UNASKED: list[tuple[str, dict[str, Any], str]] = [
    ("handoff", {"kind": "keys", "digits": "0"}, "requested"),
    ("handoff", {"kind": "words", "text": "and another thing"}, "too_long"),
    ("on_failure", {"kind": "silent"}, "no_answer"),
]


@pytest.mark.parametrize(("way", "given", "reason"), UNASKED)
def test_why_where_the_bot_was_not_asked_any_more(way: str, given: dict[str, Any], reason: str) -> None:
    found = handoff_of(Story().turn("hello", **told("Hi.", intent="greet")).unasked(way, **given).entries)
    assert found is not None
    assert (found.reason, found.intent) == (reason, "greet")


def test_a_bot_that_does_not_answer() -> None:
    story = Story()
    story.note("input", turn=1, kind="words", text="hello")
    asked = {"effect": "ask_bot", "text": "hello"}
    story.note("effect", asked=asked, result={"kind": "failed", "effect": "ask_bot", "reason": "timeout"})
    found = handoff_of(story.path("on_error").entries)
    assert found is not None
    assert (found.reason, [line.text for line in found.lines]) == ("unavailable", ["hello"])


def test_nothing_where_the_bot_gave_nothing_away() -> None:
    assert handoff_of([]) is None
    assert handoff_of(Story().turn("hello", **told("Hi.")).entries) is None
    assert handoff_of(Story().turn("bye", "next", closed=True).entries) is None
    menu = Story()
    menu.note("input", turn=1, kind="silent")
    menu.note("path", turn=1, steps=[["f", "menu", "on_failure"]])
    assert handoff_of(menu.entries) is None


def test_only_the_last_lines_and_no_more_of_them_than_fit() -> None:
    story = Story()
    for number in range(20):
        story.turn(f"say {number}", **told("y" * 5_000, intent="faq"))
    found = handoff_of(story.turn("x", "handoff", handoff=True, handoff_reason="urgent").entries)
    assert found is not None
    assert len(found.lines) == MOST_LINES
    assert max(len(line.text) for line in found.lines) <= 400


def test_a_button_is_shown_by_its_title_and_what_the_bot_did_not_hear_is_left_out() -> None:
    story = Story().turn("hi", **told("Which?", buttons=[{"title": "Refund", "payload": "/refund"}]))
    story.turn("/refund", **told("Good.")).turn("flood", flooded=True)
    found = handoff_of(story.unasked("handoff", kind="keys", digits="0").entries)
    assert found is not None
    assert [line.text for line in found.lines] == ["hi", "Which?", "Refund", "Good."]
