"""What comes to a desk in the terminal: the contact centre's notices, and the answers to its requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from contact_center.cli.desk_screen import BESIDE, Ask, Reaction, Screen, State
from contact_center.timeline_words import word_for
from crm_store.offers import Offer
from crm_store.works import Work

_PLAIN: Final = ("", "next")
"""Ways out of a node of which there is nothing to tell."""

LAST_LINES: Final = 6
"""Lines of the conversation with the bot shown with an offer."""

LAST_STEPS: Final = 6
"""Nodes of a customer's path shown with an offer."""


def take(screen: Screen, event: str, data: Mapping[str, Any], now: datetime) -> Reaction:
    """A notice of `contact_center.announcing`; one that is not known says nothing."""
    handler = _EVENTS.get(event)
    return Reaction() if handler is None else handler(screen, data, now)


def answered(screen: Screen, ask: Ask, status: int, body: Any, now: datetime) -> Reaction:
    """The API's answer to a request of the desk's."""
    if status < 400:
        return _ANSWERS[ask.then](screen, ask, body, now)
    if ask.then in _UNASKED:  # nobody waits for it
        return Reaction()
    detail = body.get("detail") if isinstance(body, Mapping) else None
    return Reaction([f"! {detail or f'The contact centre answered {status}.'}"])


class _Snapshot(msgspec.Struct, frozen=True):
    state: State
    works: tuple[Work, ...]
    offers: tuple[Offer, ...]


class _Offered(msgspec.Struct, frozen=True):
    offer: Offer
    work: Work


# --- notices -------------------------------------------------------------------------------------------


def _hello(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    """All that is there; only what differs from what is shown is told."""
    found = msgspec.convert(data, _Snapshot)
    reaction = screen.see_state(data["state"])
    here = {work.id for work in found.works}
    for item in [item for item in screen.items.values() if item.work.id not in here]:
        screen.drop(item, item.work.version)
        reaction.lines.append(f"{item.number}: it is no longer yours")
    for work in found.works:
        reaction.add(screen.see_work(work, now))
    for offer in found.offers:
        reaction.add(screen.see_offer(offer, now))
    return reaction


def _state(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    return screen.see_state(data)


def _work(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    return screen.see_work(msgspec.convert(data, Work), now)


def _offer(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    found = msgspec.convert(data, _Offered)
    reaction = screen.see_work(found.work, now)
    reaction.add(screen.see_offer(found.offer, now))
    return reaction


def _offer_over(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    reason, prefix = str(data.get("reason", "")), screen.prefix(data["work_id"])
    if reason == "accepted" or not prefix:
        return Reaction()
    item = screen.items.get(str(data["work_id"]))
    if item is not None:
        screen.drop(item, item.work.version)
    told = {"expired": "you did not answer; it went back into line", "declined": "declined"}
    back = f"taken back ({word_for(reason, 'en')})"
    return Reaction([prefix + told.get(reason, back)])


def _message(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    contact_id = data.get("contact_id")
    for item in screen.items.values():
        if item.work.contact_id == contact_id:
            return Reaction([f"{item.number}: {item.name} wrote: {data['text']}"])
    return Reaction([f"A customer of yours wrote: {data['text']}"])


def _trouble(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    reason = word_for(str(data.get("reason", "")), "en")
    return Reaction([f"{screen.prefix(data.get('work_id'))}trouble: {reason}"])


def _consult_over(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    return Reaction(
        [f"{screen.prefix(data.get('work_id'))}nobody answered your question; cancel goes on alone"]
    )


def _consult_joined(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    name = screen.names.get(str(data.get("agent_id")), "whoever you asked")
    return Reaction([f"{screen.prefix(data.get('work_id'))}{name} has come: join, complete or cancel"])


def _handed_back(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    return Reaction([f"{screen.prefix(data.get('work_id'))}the bot has the customer again"])


def _going_away(screen: Screen, data: Mapping[str, Any], now: datetime) -> Reaction:
    return Reaction(["The contact centre is stopping."])


_EVENTS: Final[dict[str, Callable[[Screen, Mapping[str, Any], datetime], Reaction]]] = {
    "hello": _hello,
    "state": _state,
    "work": _work,
    "offer": _offer,
    "offer_over": _offer_over,
    "message": _message,
    "trouble": _trouble,
    "consult_over": _consult_over,
    "consult_joined": _consult_joined,
    "handed_back": _handed_back,
    "going_away": _going_away,
}
"""What a desk is told (`contact_center.announcing`), and what is shown of it."""


# --- answers -------------------------------------------------------------------------------------------


def _work_answer(screen: Screen, ask: Ask, body: Any, now: datetime) -> Reaction:
    return screen.see_work(msgspec.convert(body, Work), now)


def _state_answer(screen: Screen, ask: Ask, body: Any, now: datetime) -> Reaction:
    return screen.see_state(body)


def _contact(screen: Screen, ask: Ask, body: Any, now: datetime) -> Reaction:
    """The first part of the screen pop: who it is, and where to read the rest."""
    item = screen.items.get(ask.work_id)
    if item is None:
        return Reaction()
    address = body["from_address"] if body["direction"] == "inbound" else body["to_address"]
    screen.learn(item, address or "somebody without a number")
    reaction = Reaction()
    if body["customer_id"]:
        path = f"/customers/{body['customer_id']}"
        reaction.asks.append(Ask(method="GET", path=path, then="customer", work_id=ask.work_id))
    else:
        reaction.lines.append(f"{item.number}: {item.who}, not a known customer")
    reaction.lines += _handoff(body.get("handoff"))
    path = f"/contacts/{body['id']}/timeline"
    reaction.asks.append(Ask(method="GET", path=path, then="path", work_id=ask.work_id))
    return reaction


def _handoff(handoff: Mapping[str, Any] | None) -> list[str]:
    """What the bot leaves to the agent: the wish, why it gave up, what it knows, the last words."""
    if handoff is None:
        return []
    known = ", ".join(f"{slot['label']} {slot['value']}" for slot in handoff["slots"])
    said = [f"{BESIDE}  {line['who']}: {line['text']}" for line in handoff["lines"][-LAST_LINES:]]
    return [
        f"{BESIDE}from the bot: {handoff['wants'] or 'nothing was understood'} ({handoff['why']})",
        *([f"{BESIDE}known: {known}"] if known else []),
        *([f"{BESIDE}summary: {handoff['summary']}"] if handoff["summary"] else []),
        *said,
    ]


def _customer(screen: Screen, ask: Ask, body: Any, now: datetime) -> Reaction:
    item = screen.items.get(ask.work_id)
    if item is None:
        return Reaction()
    address = item.who
    screen.learn(item, body["name"] or address)
    facts = [address] if address != item.who else []
    facts += [f"{body['tier']} customer"] if body["tier"] else []
    facts += [f"speaks {body['language']}"] if body["language"] else []
    facts += [f"{len(body['open_tickets'])} open tickets"] if body["open_tickets"] else []
    return Reaction([f"{item.number}: {', '.join([item.who, *facts])}"])


def _path(screen: Screen, ask: Ask, body: Any, now: datetime) -> Reaction:
    paths = [entry["data"].get("steps", ()) for entry in body["entries"] if entry["kind"] == "path"]
    steps = [step for path in paths for step in path][-LAST_STEPS:]
    told, before = [], ""
    for flow, node, way in steps:
        told.append(
            (node if flow == before else f"{flow}/{node}") + (f" ({way})" if way not in _PLAIN else "")
        )
        before = flow
    return Reaction([f"{BESIDE}came by {' → '.join(told)}"] if told else [])


def _why(screen: Screen, ask: Ask, body: Any, now: datetime) -> Reaction:
    return Reaction([BESIDE + line for line in body["lines"]] or ["It never waited for an agent."])


def _nothing(screen: Screen, ask: Ask, body: Any, now: datetime) -> Reaction:
    return Reaction()


_ANSWERS: Final[dict[str, Callable[[Screen, Ask, Any, datetime], Reaction]]] = {
    "": _nothing,
    "work": _work_answer,
    "state": _state_answer,
    "contact": _contact,
    "customer": _customer,
    "path": _path,
    "why": _why,
}

_UNASKED: Final = frozenset({"contact", "customer", "path"})
"""Requests of the screen pop, which nobody typed."""
