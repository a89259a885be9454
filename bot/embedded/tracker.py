"""The state of one conversation between turns: what the caller stores and hands back."""

from __future__ import annotations

import logging

import msgspec

from bot.embedded.project import Domain
from bot.embedded.stories import State
from bot.runtime import Reply, SlotValue

_log = logging.getLogger(__name__)
_RECENT = 6

SMALL_TALK = frozenset(
    {
        "greet", "goodbye", "affirm", "deny", "stop", "go_back", "repeat", "human", "inform",
        "change_language", "thanks", "bot_challenge", "how_are_you", "joke", "chitchat", "frustrated",
        "out_of_scope", "nlu_fallback",
    }
)  # fmt: skip
"""Intents that say nothing about the customer's matter; a summary leaves them out."""


class Tracker(msgspec.Struct):
    """What is remembered. Mutable: it lives for one turn, between `decode` and `encode`.

    ``loop`` and ``requested`` are the active form and the slot it asks for ("" = none). ``states``
    feed the stories. ``said`` is the last turn's answer. ``hinted`` is the language the caller last
    named; ``chosen`` is True once the customer asked for a language.
    """

    turn: int = 0
    slots: dict[str, SlotValue] = {}
    loop: str = ""
    requested: str = ""
    states: list[State] = []
    recent: list[str] = []
    said: list[Reply] = []
    hinted: str = ""
    chosen: bool = False

    def note_intent(self, intent: str) -> None:
        """Remember the last few different things the customer wanted."""
        if intent in SMALL_TALK:
            return
        self.recent = [*(one for one in self.recent if one != intent), intent][-_RECENT:]

    def filled(self) -> dict[str, SlotValue]:
        """The slots that hold something."""
        return {name: value for name, value in self.slots.items() if value not in (None, [])}

    def leave_form(self) -> None:
        self.loop = ""
        self.requested = ""


def new_tracker(domain: Domain) -> Tracker:
    """The beginning of a conversation: slots with their initial values."""
    return Tracker(slots={name: slot.initial for name, slot in domain.slots.items()})


def encode(tracker: Tracker) -> str:
    """The tracker as JSON; equal trackers give equal text."""
    return msgspec.json.encode(tracker, order="deterministic").decode()


def decode(state: str, domain: Domain) -> Tracker:
    """The tracker of a stored state; '' begins a conversation.

    A project may change while people talk: slots and forms that no longer exist are dropped, new
    slots begin empty. A state that cannot be read begins a new conversation, and is logged.
    """
    fresh = new_tracker(domain)
    if not state:
        return fresh
    try:
        tracker = msgspec.json.decode(state, type=Tracker)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        _log.warning("A stored bot state cannot be read; the conversation begins anew.")
        return fresh
    kept = {name: value for name, value in tracker.slots.items() if name in domain.slots}
    tracker.slots = {**fresh.slots, **kept}
    form = domain.forms.get(tracker.loop)
    if form is None or (tracker.requested and tracker.requested not in form.required):
        tracker.leave_form()
    return tracker
