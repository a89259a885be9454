"""What each kind of journal entry tells, in words: one small function a kind.

What routing does is told in `contact_center.timeline_routing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from contact_center import timeline_routing
from contact_center.timeline_words import WAYS, Data, Teller
from crm_store.ticket_numbers import LENGTH, format_number

# --- the beginning and the customer --------------------------------------------------------------


def _contact_started(teller: Teller, data: Data) -> list[str]:
    who = str(data.get("from") or data.get("from_address") or "") or teller.say("withheld")
    to = str(data.get("to") or data.get("to_address") or "")
    return [
        teller.say(
            "outbound" if data.get("direction") == "outbound" else "inbound",
            channel=teller.word(data.get("channel", "")),
            who=who,
            to=teller.say("to", to=to) if to else "",
            flow=teller.called(data.get("flow", "")),
        )
    ]


def _customer_recognised(teller: Teller, data: Data) -> list[str]:
    name = data.get("name") or data.get("customer_id") or data.get("id") or ""
    by = f"by_{data['by']}" if data.get("by") else ""
    evidence = teller.word(data.get("evidence") or by)
    tier = teller.word(data["tier"]) if data.get("tier") not in (None, "", "standard") else ""
    return [teller.say("recognised", name=name) + teller.tail(evidence, tier)]


def _contact_updated(teller: Teller, data: Data) -> list[str]:
    told = [
        teller.say("updated", what=teller.word(name), value=_fact(teller, name, data[name]))
        for name in ("language", "reason", "tags")
        if data.get(name)
    ]
    return told or [teller.say("updated_something")]


def _fact(teller: Teller, name: str, value: object) -> str:
    if name == "language":
        return teller.tongue(value)
    return teller.called(value) if isinstance(value, str) else _plain(value, teller)


def _merged(teller: Teller, data: Data) -> list[str]:
    return [teller.say("merged", customer=data.get("customer_id", ""))]


def _unmerged(teller: Teller, data: Data) -> list[str]:
    return [teller.say("unmerged", customer=data.get("customer_id", ""))]


# --- the flow ----------------------------------------------------------------------------------------


def _input(teller: Teller, data: Data) -> list[str]:
    nested = data.get("input")
    given: Data = nested if isinstance(nested, Mapping) else data
    kind = str(given.get("kind", ""))
    if kind == "keys":
        return [teller.say("pressed", keys=given.get("digits", ""))]
    if kind == "words":
        confidence = given.get("confidence")
        sure = teller.say("sure", percent=f"{float(confidence):.0%}") if confidence is not None else ""
        return [teller.say("said", words=teller.quoted(given.get("text", ""))) + teller.tail(sure)]
    if kind == "picked":
        return [teller.say("picked", value=_choice(teller, given.get("value", "")))]
    if kind == "recorded":
        return [teller.say("recorded") + teller.tail(teller.duration(given.get("seconds")))]
    if kind in ("silent", "hung_up"):
        return [teller.say(kind)]
    return []  # the beginning, and what queue, connection and effects tell by entries of their own


def _choice(teller: Teller, value: object) -> str:
    """What stood on a button: a choice of a menu, a language, or an intent (``/affirm``) of the bot's."""
    text = str(value)
    return teller.quoted(teller.called(text.removeprefix("/")) if text.isascii() else text)


def _path(teller: Teller, data: Data) -> list[str]:
    told: list[str] = []
    flow, nodes = "", []
    for step in data.get("steps", ()):
        step_flow, node, way = (str(part) for part in step)
        name = _node(teller, step_flow, node)
        name = name if step_flow == flow else f"{teller.called(step_flow)}/{name}"
        flow = step_flow
        nodes.append(name if way in ("", "next") else name + teller.tail(_way(teller, way)))
    if nodes:
        told.append(teller.say("path", nodes=" → ".join(nodes)))
    texts = [str(text) for text in data.get("said", ()) if text]
    if texts:
        told.append(teller.say("heard", words=teller.quoted(" ".join(texts))))
    return told


def _node(teller: Teller, flow: str, node: str) -> str:
    """A node's title, which is that of ``flow/node``; without one its name."""
    full = f"{flow}/{node}"
    called = teller.called(full)
    return called if called != full else node


def _way(teller: Teller, way: str) -> str:
    """Out of a node: by a way that nodes have, the number of a case, or what was chosen in a menu."""
    if way in WAYS:
        return WAYS[way][teller.language == "zh"]
    case = way.removeprefix("case ")
    return teller.say("case", number=case) if case != way else teller.called(way)


OWN_ENTRIES: Final = frozenset(
    {"open_ticket", "enter_queue", "leave_queue", "request_callback", "save_survey", "save_voicemail",
     "update_contact"}
)  # fmt: skip
"""Effects that write entries of their own when they succeed."""


def _effect(teller: Teller, data: Data) -> list[str]:
    asked: Data = _mapping(data.get("asked"))
    answer: Data = _mapping(data.get("result"))
    name = str(answer.get("effect") or asked.get("effect") or "")
    if answer.get("kind") == "failed":
        reason = teller.word(answer.get("reason", ""))
        return [teller.say("effect_failed", name=teller.word(name), reason=reason)]
    result = _mapping(answer.get("result"))
    if name == "look_up":
        return [_looked_up(teller, asked, result)]
    if name == "ticket_status":
        found = teller.word("found" if result.get("found") else "not_found")
        return [teller.say("asked_ticket", number=asked.get("number", ""), found=found)]
    if name == "ask_bot":
        told = [_mapping(reply).get("text", "") for reply in result.get("replies", ())]
        handoff = teller.say("handoff") if result.get("handoff") else ""
        intent = teller.say("intent", intent=teller.called(result["intent"])) if result.get("intent") else ""
        answered = teller.say("bot", words=teller.quoted(" ".join(map(str, told))))
        return [answered + teller.tail(intent, handoff)]
    if name == "http_request":
        return [teller.say("requested", method=asked.get("method", ""), status=result.get("status", ""))]
    if name in OWN_ENTRIES:
        return []
    return [teller.say("effect_done", name=teller.word(name))]


def _looked_up(teller: Teller, asked: Data, result: Data) -> str:
    if result.get("found") and not result.get("allowed", True):
        outcome = "not_theirs"
    else:
        outcome = "found" if result.get("found") else "not_found"
    value = str(asked.get("value", "")) or teller.word("caller")
    return teller.say(
        "looked_up", what=teller.word(asked.get("what", "")), value=value, found=teller.word(outcome)
    )


def _fault(teller: Teller, data: Data) -> list[str]:
    return [teller.say("fault", what=data.get("what", ""))]


def _trouble(teller: Teller, data: Data) -> list[str]:
    return [teller.say("trouble", code=data.get("code", ""))]


# --- tickets, surveys, callbacks -----------------------------------------------------------------


def _ticket_opened(teller: Teller, data: Data) -> list[str]:
    severity = teller.word(data["severity"]) if data.get("severity") else ""
    return [teller.say("ticket_opened", number=_number(data)) + teller.tail(severity)]


def _number(data: Data) -> str:
    number = str(data.get("number", ""))
    return format_number(number) if len(number) == LENGTH else number


def _ticket_joined(teller: Teller, data: Data) -> list[str]:
    return [teller.say("ticket_joined", number=_number(data))]


def _callback_requested(teller: Teller, data: Data) -> list[str]:
    due = str(data.get("due_at") or "")
    return [teller.say("callback", queue=teller.queue(data.get("queue"))) + teller.tail(due)]


def _survey(teller: Teller, data: Data) -> list[str]:
    comment = teller.quoted(data["comment"]) if data.get("comment") else ""
    return [
        teller.say("survey", score=data.get("score", ""), name=teller.called(data.get("survey", "")))
        + teller.tail(comment)
    ]


# --- people ------------------------------------------------------------------------------------------


def _owner_changed(teller: Teller, data: Data) -> list[str]:
    by = teller.say("by", who=teller.actor(data["by"])) if data.get("by") else ""
    return [teller.say("owner", owner=teller.word(data.get("owner", ""))) + teller.tail(by)]


def _note(teller: Teller, data: Data) -> list[str]:
    words = teller.quoted(data.get("text", ""))
    return [teller.say("note", actor=teller.actor(data.get("actor", "")), words=words)]


# --- messages, recordings, the provider ----------------------------------------------------------


def _message_in(teller: Teller, data: Data) -> list[str]:
    text = data.get("text") or ("" if data.get("taken") else teller.texts.get(_message_id(data), ""))
    media = data.get("media")
    count = len(media) if isinstance(media, (list, tuple)) else media
    files = teller.say("files", count=count) if count else ""
    words = teller.quoted(text) if text else ""
    return [(teller.say("wrote", words=words) if words else teller.say("message_in")) + teller.tail(files)]


def _message_out(teller: Teller, data: Data) -> list[str]:
    author = str(data.get("author", "flow"))
    if data.get("blocked"):
        return [teller.say("blocked") + teller.tail(teller.word(data["blocked"]))]
    text = data.get("text") or ""
    if not text and author in ("agent", "system"):  # what a flow or bot says stands in the path
        text = teller.texts.get(_message_id(data), "")
    by = teller.actor(data["actor"]) if data.get("actor") else teller.word(author)
    return [teller.say("sent", author=by) + (teller.say("colon") + teller.quoted(text) if text else "")]


def _message_id(data: Data) -> str:
    return str(data.get("message_id") or data.get("message") or "")


def _message_status(teller: Teller, data: Data) -> list[str]:
    error = teller.word(data["error"]) if data.get("error") else ""
    return [teller.say("message_status", status=teller.word(data.get("status", ""))) + teller.tail(error)]


def _consent(teller: Teller, data: Data) -> list[str]:
    phrase = "opted_out" if data.get("opted_out") else "opted_in"
    return [
        teller.say(phrase, kind=teller.word(data.get("kind", "")))
        + teller.tail(teller.word(data.get("source", "")))
    ]


def _call_status(teller: Teller, data: Data) -> list[str]:
    late = teller.say("late") if data.get("late") else ""
    status = teller.word(data.get("status", ""))
    return [
        teller.say("call_status", status=status) + teller.tail(teller.duration(data.get("seconds")), late)
    ]


def _recording(teller: Teller, data: Data) -> list[str]:
    status = teller.word(data.get("status", ""))
    by = teller.say("by", who=teller.actor(data["by"])) if data.get("by") else ""
    lasted = teller.duration(data.get("seconds") or None)
    return [teller.say("recording", status=status) + teller.tail(lasted, by)]


def _transcript(teller: Teller, data: Data) -> list[str]:
    who = teller.word(data.get("track") or "somebody")
    return [teller.say("transcript", who=who, words=teller.quoted(data.get("text", "")))]


def _voicemail(teller: Teller, data: Data) -> list[str]:
    words = teller.quoted(data["text"]) if data.get("text") else ""
    return [teller.say("voicemail") + teller.tail(teller.duration(data.get("seconds") or None), words)]


# --- the end -------------------------------------------------------------------------------------------


def _contact_ended(teller: Teller, data: Data) -> list[str]:
    outcome, reason = teller.word(data.get("outcome", "")), teller.word(data.get("reason", ""))
    return [teller.say("ended", outcome=outcome) + teller.tail(reason)]


def _closed_by_sweep(teller: Teller, data: Data) -> list[str]:
    return [teller.say("swept")]


def _plain(value: object, teller: Teller) -> str:
    if isinstance(value, (list, tuple)):
        return teller.say("comma").join(_plain(item, teller) for item in value)
    if isinstance(value, Mapping):
        return teller.say("comma").join(f"{name} {_plain(item, teller)}" for name, item in value.items())
    return teller.called(value)


def _mapping(value: object) -> Data:
    return value if isinstance(value, Mapping) else {}


TELLERS: Final[dict[str, Callable[[Teller, Data], list[str]]]] = {
    **timeline_routing.TELLERS,
    "contact_started": _contact_started,
    "customer_recognised": _customer_recognised,
    "input": _input,
    "path": _path,
    "effect": _effect,
    "ticket_opened": _ticket_opened,
    "ticket_joined": _ticket_joined,
    "message_in": _message_in,
    "message_out": _message_out,
    "message_status": _message_status,
    "call_status": _call_status,
    "recording": _recording,
    "transcript": _transcript,
    "voicemail": _voicemail,
    "callback_requested": _callback_requested,
    "survey": _survey,
    "consent": _consent,
    "fault": _fault,
    "trouble": _trouble,
    "owner_changed": _owner_changed,
    "contact_updated": _contact_updated,
    "note": _note,
    "contact_ended": _contact_ended,
    "closed_by_sweep": _closed_by_sweep,
    "merged": _merged,
    "unmerged": _unmerged,
}
"""One teller for each of `crm_store.journal.KINDS`."""
