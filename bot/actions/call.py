"""What an action is told."""

from __future__ import annotations

import msgspec

from bot.articles import Articles
from bot.runtime import Reply, SlotValue


class ActionCall(msgspec.Struct, frozen=True):
    """One call of an action: the message that is being answered and the state it is answered in.

    ``intent`` is what was understood ("nlu_fallback" = nothing). ``turn`` counts messages from 1.
    ``form`` and ``requested`` are the form under way, its slots in order, and the slot it asks for
    ("" = none). ``recent`` are the last different matters, ``said`` the replies of the turn before.
    """

    action: str
    slots: dict[str, SlotValue]
    text: str = ""
    intent: str = ""
    conversation_id: str = ""
    channel: str = ""
    language: str = "en"
    turn: int = 1
    form: str = ""
    required: tuple[str, ...] = ()
    requested: str = ""
    recent: tuple[str, ...] = ()
    said: tuple[Reply, ...] = ()


class Resources(msgspec.Struct, frozen=True):
    """What actions share for as long as a project is loaded."""

    articles: Articles
