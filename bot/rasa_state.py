"""A conversation's state as Rasa's tracker holds it, and what connector and actions tell each other.

Pure: Rasa is not imported, events are what Rasa reads and writes as JSON.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import date
from typing import Any

import msgspec

from bot.embedded.project import Domain
from bot.embedded.stories import LISTEN
from bot.embedded.tracker import Tracker
from bot.runtime import Reply

ENGINE = "engine"
"""The key of what is ours in a message's metadata and among an action's answers."""

TODAY: ContextVar[date | None] = ContextVar("today", default=None)
"""The customer's day, from the connector to the entity extractor."""

GUARD = "\u2060"
"""Put before a text that begins with "/" and is no button's payload: Rasa would take it for one."""

Event = dict[str, Any]


class Told(msgspec.Struct, frozen=True):
    """What the connector tells the actions beyond what Rasa's tracker says; see `bot.actions.ActionCall`.

    ``callback`` is where the engine is that takes this turn: it alone can carry out what the turn asks
    for. ``key`` shows the action server that the call comes from our own connector.
    """

    conversation_id: str
    turn: int
    channel: str
    recent: tuple[str, ...] = ()
    said: tuple[Reply, ...] = ()
    callback: str = ""
    key: str = ""


def action_key(token: str) -> str:
    """What connector and action server know each other by, from the token that both were given: the
    token itself would lie in Rasa's trackers."""
    return hmac.new(token.encode(), b"actions", "sha256").hexdigest()


class Verdict(msgspec.Struct, frozen=True):
    """What an action tells the connector beyond slots and words; see `bot.runtime.ActionResult`."""

    handoff: str | None = None
    closed: bool = False
    misunderstood: bool = False

    @property
    def over(self) -> bool:
        """Whether the turn ends here."""
        return self.closed or self.handoff is not None


def events_of(tracker: Tracker, domain: Domain) -> Iterator[Event]:
    """The events of a Rasa conversation that stands where ``tracker`` does and awaits a message.

    Of what went before, the states that stories look at are told; everything else is in the slots.
    """
    yield _action("action_session_start")
    yield {"event": "session_started"}
    yield _action(LISTEN)
    loop, seen = "", dict.fromkeys((name for name, slot in domain.slots.items() if slot.influences), "")
    for number, (intent, before, state_loop, features) in enumerate(tracker.states):
        if before == LISTEN or number == 0:
            if number:
                yield _action(LISTEN)
            yield _said(intent)
        if before != LISTEN:
            yield _action(before)
        if state_loop != loop:
            loop = state_loop
            yield {"event": "active_loop", "name": loop or None}
        for name in seen:
            wanted = dict(features).get(name, "")
            if wanted != seen[name]:
                seen[name] = wanted
                yield _slot(name, wanted or None)
    if tracker.states:
        yield _action(LISTEN)
    if tracker.loop != loop:
        yield {"event": "active_loop", "name": tracker.loop or None}
    for slot, value in tracker.slots.items():
        yield _slot(slot, value)
    yield _slot("requested_slot", tracker.requested or None)


def take_back(tracker: Tracker, slots: Mapping[str, Any], loop: str | None) -> None:
    """Write into ``tracker`` where a Rasa conversation stands after the turn."""
    for name in tracker.slots:
        tracker.slots[name] = slots.get(name)
    if not loop:
        tracker.leave_form()
        return
    tracker.loop = loop
    tracker.requested = str(slots.get("requested_slot") or "")


def _action(name: str) -> Event:
    return {"event": "action", "name": name, "policy": None, "confidence": 1.0}


def _slot(name: str, value: Any) -> Event:
    return {"event": "slot", "name": name, "value": value}


def _said(intent: str) -> Event:
    parsed = {"intent": {"name": intent, "confidence": 1.0}, "entities": [], "text": ""}
    return {"event": "user", "text": "", "parse_data": parsed}
