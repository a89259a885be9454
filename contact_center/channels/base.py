"""What a channel is: it declares its routes, checks and parses what arrives, and renders replies.

A channel holds no state and does no I/O: `verify`, `parse` and `render` are functions of their
arguments and the channel's settings. Providers' words stop here (STYLE habit 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from ivr_flows.inputs import AnyInput
from ivr_flows.instructions import (
    Connect,
    Instruction,
    Listen,
    Pause,
    Play,
    Prompt,
    RecordMessage,
    Say,
    WaitInQueue,
)
from ivr_flows.session import Traits


class Route(msgspec.Struct, frozen=True):
    """A URL of a channel. ``name`` comes back in `Inbound.route`; ``path`` begins with ``/``."""

    name: str
    path: str
    methods: tuple[str, ...] = ("POST", "GET")


class Inbound(msgspec.Struct, frozen=True):
    """One HTTP request as a channel needs it.

    ``target``: path and query exactly as they were sent (signatures cover it). ``query`` and
    ``form``: decoded pairs in order, duplicates kept, values untrimmed. ``headers``: asked for by
    names in lower case.
    ``remote``: the address of the other end of the connection, '' unknown.
    """

    route: str
    method: str
    target: str
    query: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes = b""
    remote: str = ""

    def first(self) -> dict[str, str]:
        """Query and form as one mapping; the form wins, the first of duplicates wins."""
        values: dict[str, str] = {}
        for name, value in (*self.form, *self.query):
            values.setdefault(name, value)
        return values


class NewContact(msgspec.Struct, frozen=True):
    """What a channel knows when a contact begins. Addresses are as `crm_store.addresses` normalises
    them; ``replyable`` is False where nothing may be sent or called back (anonymous, short codes)."""

    channel: str
    from_address: str
    to_address: str
    identity_kind: str  # phone whatsapp web ''
    provider_ref: str = ""
    direction: str = "inbound"
    language: str = ""
    replyable: bool = True
    facts: dict[str, str] = {}  # journaled with the start: profile name, forwarded from, verstat ...


class Media(msgspec.Struct, frozen=True):
    """A file that came with a message; ``url`` is the provider's."""

    url: str
    content_type: str


# --- what a delivery can be -------------------------------------------------------------------------


class Event(msgspec.Struct, frozen=True, tag_field="event"):
    """Base of what a delivery can mean."""


class Take(Event, frozen=True, tag="take"):
    """The customer did something: ``input`` goes into the flow.

    ``unless_talking``: not where an agent talks with the customer, because then the provider says so of what
    we have broken off ourselves, and not of the end.
    """

    input: AnyInput
    unless_talking: bool = False


class MessageIn(Event, frozen=True, tag="message_in"):
    """A text message: kept as a message and taken as `Words` (or ``picked``, a button's value).

    ``consent``: ``stop``, ``start`` or ``help`` where the message is one of the opt-out words;
    ``provider_answers``: the provider has already answered such a word, so we say nothing.
    """

    text: str
    provider_ref: str
    media: tuple[Media, ...] = ()
    picked: str = ""
    consent: str = ""
    provider_answers: bool = False


class CallStatus(Event, frozen=True, tag="call_status"):
    """How a call stands: ``status`` is queued initiated ringing in_progress completed busy no_answer
    failed canceled (or ``unknown``); ``seconds`` of talking where the provider says."""

    status: str
    sequence: int | None = None
    seconds: int | None = None
    final: bool = False


class QueueWait(Event, frozen=True, tag="queue_wait"):
    """The provider asks what the waiting caller should hear now. ``page`` counts announcements."""

    page: int
    position: int | None = None
    waited: int | None = None


class MessageStatus(Event, frozen=True, tag="message_status"):
    """What became of a message of ours: ``status`` queued sent delivered read failed undelivered unknown.

    ``message_id`` is ours where the URL carried it. ``opted_out``: the provider refused because the customer
    had opted out (Twilio 21610).
    """

    provider_ref: str
    status: str
    message_id: str = ""
    error: str = ""
    opted_out: bool = False


class RecordingStatus(Event, frozen=True, tag="recording_status"):
    """What became of a recording; ``status`` in_progress completed absent failed. ``started_at``: None where
    the provider does not tell."""

    provider_ref: str
    status: str
    url: str = ""
    seconds: float = 0.0
    purpose: str = "voicemail"
    started_at: datetime | None = None


class Transcript(Event, frozen=True, tag="transcript"):
    """Words recognised in a recording or live; ``track`` is customer or agent, '' unknown."""

    text: str
    provider_ref: str = ""
    track: str = ""
    final: bool = True
    confidence: float | None = None


class Trouble(Event, frozen=True, tag="trouble"):
    """The provider could not use our answer and asks the fallback URL; ``code`` is its error code."""

    code: str


class LegEvent(Event, frozen=True, tag="leg"):
    """What became of a leg: one party's call into a conversation (see `contact_center.leg`).

    ``leg_id`` is ours, ``customer`` for the customer's own call, '' where the provider names nobody or means
    the whole room. ``change``: initiated ringing answered joined left held unheld muted unmuted completed
    failed human machine room_ended, or ``other``: something that changes at most the two flags. ``reason``:
    of ``failed`` busy no_answer canceled failed, of ``left`` hung_up by_us room_ended, '' unknown.
    ``sequence`` counts the events of one room; calls' own events have none. ``provider_ref``: the leg's call.
    ``seconds``: how long the call was. ``held``, ``muted``: how the party stands after this, None = not said.
    ``room_ref``: the provider's id of the room; one that follows another under the same name has its own.
    """

    leg_id: str
    change: str
    reason: str = ""
    sequence: int | None = None
    provider_ref: str = ""
    seconds: int | None = None
    held: bool | None = None
    muted: bool | None = None
    room_ref: str = ""


AnyEvent = (
    Take
    | MessageIn
    | CallStatus
    | QueueWait
    | MessageStatus
    | RecordingStatus
    | Transcript
    | Trouble
    | LegEvent
)


class Delivery(msgspec.Struct, frozen=True):
    """One thing a provider told us.

    ``key`` is unique for the delivery and equal for its redeliveries. ``open_key`` names the
    contact it belongs to while that is open (``phone:CA...``, ``sms:+15550100>+15550199``);
    ``provider_ref`` finds it also afterwards ('' = cannot). ``opens`` says how to begin a contact where
    none is open; None = a delivery for an unknown contact changes nothing. ``turn`` is the number the action
    URL carried. ``contact_id`` names the contact outright, and then wins: what is told of calls that are not
    the customer's, or of rooms, has no other way to it.
    """

    key: str
    channel: str
    open_key: str
    event: AnyEvent
    provider_ref: str = ""
    opens: NewContact | None = None
    turn: int | None = None
    contact_id: str = ""


# --- what we answer ----------------------------------------------------------------------------------


class OutMessage(msgspec.Struct, frozen=True):
    """A message of the flow to send in the reply; ``id`` is ours and comes back in status callbacks."""

    id: str
    text: str
    media: tuple[str, ...] = ()


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the channel shall tell the provider; stored with the delivery, rendered afresh each time.

    ``turn`` goes into action URLs. ``messages``: for text channels, already composed and logged.
    """

    contact_id: str = ""
    turn: int = 0
    language: str = "en"
    instructions: tuple[Instruction, ...] = ()
    messages: tuple[OutMessage, ...] = ()


class Outbound(msgspec.Struct, frozen=True):
    """An HTTP answer."""

    body: str
    content_type: str = "text/xml"
    status: int = 200


class Forged(Exception):
    """The request is not from the provider (or the public URL is wrong): answered 403, nothing kept.
    The message says what to check and holds no personal data."""


class BadDelivery(Exception):
    """The request lacks what it must have: answered ``status`` (4xx), nothing kept."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Channel(Protocol):
    """One way for customers to reach us; registered in `contact_center.channels.CHANNELS`."""

    @property
    def name(self) -> str:
        """The channel's file name, as in configuration."""
        ...

    def routes(self) -> Sequence[Route]: ...

    def traits(self, channel: str) -> Traits:
        """What ``Delivery.channel`` can do (one file may serve several: sms and whatsapp)."""
        ...

    def verify(self, inbound: Inbound) -> None:
        """Raise `Forged` unless the provider sent this."""
        ...

    def parse(self, inbound: Inbound) -> Delivery:
        """What the request means; raises `BadDelivery`."""
        ...

    def render(self, reply: Reply, inbound: Inbound) -> Outbound:
        """The reply in the provider's words."""
        ...

    def apology(self, inbound: Inbound, language: str) -> Outbound:
        """What a person hears when we cannot go on: a safe sentence and, if configured, a person's number."""
        ...


def compose(instructions: Sequence[Instruction], *, buttons: bool = False) -> str:
    """The instructions of a turn as one text message: prompts, then options as a numbered list, unless the
    channel shows them as ``buttons`` beside it.
    """
    lines: list[str] = []
    for instruction in instructions:
        if isinstance(instruction, (Say, Play, Pause)):
            lines += _texts([instruction])
        elif isinstance(instruction, WaitInQueue):
            lines += _texts(instruction.announcements[:1])
        elif isinstance(instruction, (Listen, RecordMessage, Connect)):
            lines += _texts(instruction.prompts)
        if isinstance(instruction, Listen) and instruction.offer_options and not buttons:
            lines += [
                f"{option.key or number}. {option.label}"
                for number, option in enumerate(instruction.options, 1)
                if option.label
            ]
    return "\n".join(lines)


def _texts(prompts: Sequence[Prompt]) -> list[str]:
    return [prompt.text for prompt in prompts if not isinstance(prompt, Pause) and prompt.text]
