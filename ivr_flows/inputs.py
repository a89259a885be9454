"""What can happen to a session: one frozen struct a kind, the only way the world speaks to the engine.

The same structs are written into the journal, so that a contact can be replayed from it. Their
tags are therefore part of the stored format: add kinds, never rename them.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Input(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True):
    """Base of every input; `kind` is the tag in JSON."""


class Started(Input, frozen=True, tag="started"):
    """The contact has just begun; the first input of every session."""


class Keys(Input, frozen=True, tag="keys"):
    """Keys pressed on a telephone, without the finishing key: characters of ``0-9*#``."""

    digits: str


class Words(Input, frozen=True, tag="words"):
    """Something said or typed.

    ``confidence`` is the recogniser's, 0.0 to 1.0, or None for typed text (and for recognisers
    that give none). A typed "1" arrives as Words; menus and collects accept it as a key.
    """

    text: str
    confidence: float | None = None


class Picked(Input, frozen=True, tag="picked"):
    """A button pressed in a chat; ``value`` is the `Option.value` it stands for."""

    value: str


class Silent(Input, frozen=True, tag="silent"):
    """Nothing came before the limit of the wait ran out."""


class Done(Input, frozen=True, tag="done"):
    """An effect has been carried out; ``result`` has the shape the effect documents."""

    effect: str
    result: dict[str, Any]


class Failed(Input, frozen=True, tag="failed"):
    """An effect could not be carried out; ``reason`` is a stable word such as ``timeout``."""

    effect: str
    reason: str


class Recorded(Input, frozen=True, tag="recorded"):
    """A recording made by `RecordMessage` has ended. ``seconds`` 0 means nothing was said."""

    seconds: float = 0.0
    recording_id: str = ""
    hung_up: bool = False


class QueueLeft(Input, frozen=True, tag="queue_left"):
    """The contact is no longer in the queue.

    ``reason``: ``answered`` (talked to an agent, and that is over), ``left`` (the caller chose to
    leave), ``timed_out`` (the queue's maximum wait), ``full``, ``closed``, ``error``.
    """

    reason: str


class HandedBack(Input, frozen=True, tag="handed_back"):
    """A person gives the customer back to the bot, wherever the session stands.

    ``note`` is what the person wants the bot to know ('' = nothing).
    """

    note: str = ""


class Connected(Input, frozen=True, tag="connect_ended"):
    """A `Connect` is over. ``outcome``: ``answered``, ``busy``, ``no_answer``, ``failed``, ``canceled``."""

    outcome: str
    seconds: int = 0


class HungUp(Input, frozen=True, tag="hung_up"):
    """The customer has gone. The session ends; nothing more is said."""

    reason: str = "customer"


AnyInput = (
    Started
    | Keys
    | Words
    | Picked
    | Silent
    | Done
    | Failed
    | Recorded
    | QueueLeft
    | HandedBack
    | Connected
    | HungUp
)
