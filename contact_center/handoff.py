"""What the bot leaves to a person: what the customer wants, what is known, why it gave up, the last words.

Pure, out of the journal, so that nothing is kept twice. It is shown to agents and is in no log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from bot.embedded.tracker import SMALL_TALK
from contact_center.timeline_words import LONGEST
from crm_store.journal import Entry

MOST_LINES: Final = 10
"""Of the conversation, those said last."""

SUMMARY: Final = "handoff_summary"
"""The slot in which the bot sums up."""


class Known(msgspec.Struct, frozen=True):
    """Something that the bot has learnt: the slot's ``name``, how people call it, and its value."""

    name: str
    label: str
    value: str


class Said(msgspec.Struct, frozen=True):
    """A line of the conversation with the bot; ``who`` is ``customer`` or ``bot``."""

    at: datetime
    who: str
    text: str


class Handoff(msgspec.Struct, frozen=True):
    """What goes with a contact from the bot to a person.

    ``wants`` and ``why`` are ``intent`` and ``reason`` in words. ``reason`` is one of the bot's
    (`bot.runtime.HANDOFF_REASONS`), or ``too_long``, ``no_answer`` (the customer said nothing),
    ``unavailable`` (the bot did not answer).
    """

    at: datetime
    intent: str
    wants: str
    reason: str
    why: str
    summary: str
    slots: tuple[Known, ...]
    lines: tuple[Said, ...]


class _Asked(msgspec.Struct, frozen=True):
    at: datetime
    text: str
    result: Mapping[str, Any]


def handoff_of(entries: Sequence[Entry], language: str = "en") -> Handoff | None:
    """The last handoff in a journal that is in order; None where the bot has handed nothing over.

    ``language`` of the words: ``en`` or ``zh``, with or without a region.
    """
    asked: list[_Asked] = []
    nodes: set[tuple[str, str]] = set()
    given: Mapping[str, Any] = {}
    before, found = 0, None
    for entry in entries:
        if entry.kind == "input":
            given, before = entry.data, len(asked)
        elif entry.kind == "effect":
            asked += _asked(entry)
        elif entry.kind == "path":
            now = asked[before:]
            nodes |= {(str(flow), str(node)) for flow, node, _ in entry.data.get("steps", ())[:1] if now}
            ways = [way for flow, node, way in entry.data.get("steps", ()) if (flow, node) in nodes]
            for way in ways:
                reason = _reason(str(way), given, now)
                found = (entry.at, reason) if reason else None if way == "next" else found
    if found is None or not asked:
        return None
    return _handoff(*found, asked, "zh" if language.lower().startswith("zh") else "en")


def _asked(entry: Entry) -> Iterator[_Asked]:
    """What the bot was asked and answered; nothing for other effects, and for what it never heard."""
    asked, answer = entry.data.get("asked") or {}, entry.data.get("result") or {}
    result = answer.get("result")
    if asked.get("effect") == "ask_bot" and not (isinstance(result, Mapping) and result.get("flooded")):
        yield _Asked(entry.at, str(asked.get("text", "")), result if isinstance(result, Mapping) else {})


def _reason(way: str, given: Mapping[str, Any], now: Sequence[_Asked]) -> str:
    if way == "on_failure":
        return "no_answer"
    if way == "on_error":
        return "unavailable"
    if way != "handoff":
        return ""
    if now:
        return str(now[-1].result.get("handoff_reason") or "unavailable")
    return "requested" if given.get("kind") == "keys" else "too_long"


def _handoff(at: datetime, reason: str, asked: Sequence[_Asked], language: str) -> Handoff:
    intents = [str(one.result.get("intent") or "") for one in asked]
    matters = [intent for intent in intents if intent and intent not in SMALL_TALK]
    intent = matters[-1] if matters else next((one for one in reversed(intents) if one), "")
    known = [one.result.get("slots") for one in asked]
    slots = next((one for one in reversed(known) if isinstance(one, Mapping)), {})
    return Handoff(
        at=at,
        intent=intent,
        wants=_word(WANTS, intent, language),
        reason=reason,
        why=_word(WHY, reason, language),
        summary=str(slots.get(SUMMARY) or ""),
        slots=tuple(_known(slots, language)),
        lines=tuple(_lines(asked))[-MOST_LINES:],
    )


def _known(slots: Mapping[str, Any], language: str) -> Iterator[Known]:
    for name, value in slots.items():
        if name in OWN or value is None or value == "" or value == []:
            continue
        shown = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        yield Known(name, _word(LABELS, name, language), shown[:LONGEST])


def _lines(asked: Sequence[_Asked]) -> Iterator[Said]:
    titles: dict[str, str] = {}
    for one in asked:
        yield Said(one.at, "customer", titles.get(one.text, one.text)[:LONGEST])
        replies = [reply for reply in one.result.get("replies") or () if isinstance(reply, Mapping)]
        words = " ".join(str(reply.get("text") or "") for reply in replies).strip()
        if words:
            yield Said(one.at, "bot", words[:LONGEST])
        buttons = [button for reply in replies for button in reply.get("buttons") or ()]
        titles = {str(one.get("payload")): str(one.get("title")) for one in buttons}


def _word(words: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    known = words.get(code)
    return known[language == "zh"] if known else code.replace("_", " ")


OWN: Final = frozenset(
    {SUMMARY, "handoff_reason", "closed", "misunderstandings", "misunderstood_turn", "requested_slot",
     "session_started_metadata", "language", "order_lookup", "ticket_lookup", "complaint_result"}
)  # fmt: skip
"""Slots that the bot needs for itself and that tell an agent nothing."""

WANTS: Final[dict[str, tuple[str, str]]] = {
    "order_status": ("wants to know where an order is", "想查询订单状态"),
    "delivery_problem": ("has a problem with a delivery", "配送出现问题"),
    "billing_question": ("has a question about a charge or an invoice", "对账单或扣款有疑问"),
    "refund": ("wants money back", "要求退款"),
    "change_order": ("wants to change an order", "想修改订单"),
    "cancel_order": ("wants to cancel an order", "想取消订单"),
    "opening_hours": ("asks for the opening hours", "询问营业时间"),
    "complaint": ("has a complaint", "要投诉"),
    "complaint_status": ("asks about a complaint or ticket", "查询投诉或工单进度"),
    "faq": ("has a general question", "咨询常见问题"),
    "human": ("wants to talk to a person", "要求人工服务"),
    "frustrated": ("is angry at the service", "对服务不满"),
    "out_of_scope": ("wants something that the bot does not do", "需求超出机器人范围"),
    "nlu_fallback": ("was not understood", "未能理解"),
}
"""Intents as an agent reads them, in English and Chinese; others are shown by their names."""

WHY: Final[dict[str, tuple[str, str]]] = {
    "requested": ("the customer asked for a person", "客户要求人工"),
    "misunderstood": ("the bot did not understand", "机器人未能理解"),
    "frustrated": ("the customer is angry", "客户情绪不满"),
    "urgent": ("the matter is urgent", "事情紧急"),
    "action_failed": ("something that the bot needed did not work", "机器人操作失败"),
    "too_long": ("the conversation went on for too long", "对话时间过长"),
    "no_answer": ("the customer said nothing more", "客户没有回应"),
    "unavailable": ("the bot did not answer", "机器人无响应"),
}
"""Why the bot gave up, in English and Chinese."""

LABELS: Final[dict[str, tuple[str, str]]] = {
    "order_number": ("order", "订单号"),
    "ticket_number": ("ticket", "工单号"),
    "complaint_what": ("what happened", "事由"),
    "severity": ("how bad", "严重程度"),
    "reach": ("reach them at", "联系方式"),
    "product": ("product", "产品"),
    "amount": ("amount", "金额"),
    "date": ("date", "日期"),
    "place_from": ("from", "出发地"),
    "place_to": ("to", "目的地"),
    "order_state": ("state of the order", "订单状态"),
    "order_due": ("order promised for", "预计送达"),
    "ticket_state": ("state of the ticket", "工单状态"),
    "complaint_number": ("ticket opened", "已开立工单"),
    "agent_note": ("note of an agent", "坐席备注"),
}
"""Slots as people call them, in English and Chinese; others are shown by their names."""
