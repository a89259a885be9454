"""Chooses the language of a turn; every runtime of a project does it alike."""

from __future__ import annotations

from collections.abc import Collection

from bot.embedded.text import language_of_tag, writing_language
from bot.embedded.tracker import Tracker
from bot.runtime import Message

SLOT = "language"


def choose_language(tracker: Tracker, known: Collection[str], message: Message, text: str) -> None:
    """Set the slot: the customer's wish first, then the writing of the message, then the caller's word.

    ``known`` are the slot's values (none = the project has no such slot), ``text`` is cleaned.
    """
    hint = language_of_tag(message.language) or ""
    if hint != tracker.hinted and hint in known:
        tracker.hinted = hint
        tracker.chosen = False
        tracker.slots[SLOT] = hint
    written = None if text.startswith("/") else writing_language(text)
    if written in known and not tracker.chosen:
        tracker.slots[SLOT] = written
