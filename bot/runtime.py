"""What a bot is: one message and the conversation's state in, one turn (replies, slots, handoff) out.

Every runtime (`bot.embedded`, a Rasa server) keeps to `Bot`. A bot holds nothing between calls: its
caller stores ``BotTurn.state`` in its own transaction and hands it back, so that a turn which is
redelivered or run again gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

import msgspec

SlotValue = str | bool | float | int | list[str] | None
"""What a slot can hold; None is an empty slot."""


class Message(msgspec.Struct, frozen=True):
    """What the customer said. ``text`` may be any text at all; 2,000 characters of it are considered.

    ``language`` is a BCP 47 tag ("en", "zh-CN") that the channel or flow knows, or None to let the bot
    judge by the writing. ``today`` is the customer's day, with which "tomorrow" becomes a date; without it
    such words stay as said. ``channel`` selects a response's variation: "voice" for spoken channels,
    anything else (such as "web", "sms", "console") hears the ordinary one.
    """

    conversation_id: str
    text: str
    language: str | None = None
    channel: str = ""
    today: date | None = None


class Button(msgspec.Struct, frozen=True):
    """A choice under a reply; ``payload`` is the text to send back when it is chosen."""

    title: str
    payload: str


class Reply(msgspec.Struct, frozen=True):
    """One thing the bot says."""

    text: str
    buttons: tuple[Button, ...] = ()


class BotTurn(msgspec.Struct, frozen=True):
    """The bot's answer to one message.

    ``confidence`` is 0 to 1, calibrated: of the answers given with 0.8, about four in five are right.
    ``slots`` holds what is known (filled slots only). ``handoff_reason`` is one of `HANDOFF_REASONS`
    where ``handoff`` is True, else None. ``closed`` means that the customer is done. ``state`` is
    opaque: hand it back with the next message.

    ``alternatives`` are the likeliest intents with their confidence, the first one first, also where
    none was sure enough to be ``intent``; empty for a button. ``understood`` is False where the bot
    had to ask again or give up. ``actions`` names what was done, as Rasa's test stories do.
    """

    replies: tuple[Reply, ...]
    intent: str
    confidence: float
    slots: dict[str, SlotValue]
    handoff: bool
    handoff_reason: str | None
    closed: bool
    state: str
    alternatives: tuple[tuple[str, float], ...] = ()
    understood: bool = True
    actions: tuple[str, ...] = ()


HANDOFF_REASONS = ("requested", "misunderstood", "frustrated", "urgent", "action_failed")
"""Why a bot gives a conversation to a person: the customer asked; was not understood twice in a row;
is angry at the service; has an urgent complaint; or something behind an action failed."""


class ActionResult(msgspec.Struct, frozen=True):
    """What a custom action found out and says.

    ``slots`` are set first; then the named ``responses`` of the project and the ``replies`` are said.
    ``leave_form`` ends the form under way. ``handoff`` (one of `HANDOFF_REASONS`) and ``closed`` go
    into the turn, which ends there; ``misunderstood`` marks it as not understood.
    """

    slots: dict[str, SlotValue] = {}
    responses: tuple[str, ...] = ()
    replies: tuple[Reply, ...] = ()
    leave_form: bool = False
    handoff: str | None = None
    closed: bool = False
    misunderstood: bool = False


class ActionRunner(Protocol):
    """Carries out the custom actions that need the application; the application supplies it.

    The shipped project calls ``action_order_status`` and ``action_ticket_status`` (looking up the
    slots order_number, ticket_number), ``action_open_complaint`` (slots complaint_what, order_number,
    severity, reach). Each of them answers with slots that conditional responses speak of; see
    bot/rasa_project/README.md. ``names`` lists the actions that `run` knows. The actions that need
    nothing but the conversation are in `bot.actions`.

    ``context`` is what the caller gave to `Bot.respond`, and ``conversation_id``, ``channel``,
    ``language`` and ``turn`` (a count from 1): conversation and turn together are a key by which an
    action that changes something is recognised when the turn runs again.
    """

    @property
    def names(self) -> frozenset[str]: ...

    async def run(
        self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
    ) -> ActionResult: ...


class NoActions:
    """The runner of a bot that can look up nothing: every custom action is unknown to it."""

    names: frozenset[str] = frozenset()

    async def run(
        self, action: str, slots: Mapping[str, SlotValue], context: Mapping[str, object]
    ) -> ActionResult:
        raise BotError(f"There is no action '{action}' here: give the bot an ActionRunner that has it.")


class BotError(Exception):
    """The bot cannot do what it was asked: the message names cause and remedy.

    ``retryable`` tells whether the same call may succeed later without anybody mending anything.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class Bot(Protocol):
    """A runtime of the chatbot."""

    @property
    def name(self) -> str:
        """What to call this runtime in logs and at /readyz."""
        ...

    async def ready(self) -> None:
        """Return when the bot can answer; otherwise raise a `BotError` that says why not and what to do."""
        ...

    async def respond(
        self, message: Message, state: str = "", *, context: Mapping[str, object] | None = None
    ) -> BotTurn:
        """Answer one message. ``state`` is '' for a new conversation, else the last turn's.

        Raises `BotError` where the bot is not ready; any text at all gets an answer.
        """
        ...

    async def close(self) -> None:
        """Let go of what the runtime holds; the bot answers no more."""
        ...
