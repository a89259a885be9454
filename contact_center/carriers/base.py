"""What a carrier is: what can be done through a provider's own API, with messages and with live calls.

The engine names who and what; a carrier's own words (TwiML, SIDs, status strings) stay behind it.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec


class Outgoing(msgspec.Struct, frozen=True):
    """A message to send; ``message_id`` is ours and comes back in status callbacks."""

    message_id: str
    channel: str  # sms whatsapp
    from_address: str
    to_address: str
    text: str
    media: tuple[str, ...] = ()


class CarrierRefused(Exception):
    """The carrier will never do this: ``code`` is its own number for why (21211: no such number).

    ``opted_out``: because the customer wants no messages. ``gone``: the call, leg or room is over already.
    """

    def __init__(self, code: str, *, opted_out: bool = False, gone: bool = False) -> None:
        super().__init__(f"the carrier refused it for good, with error {code}")
        self.code = code
        self.opted_out = opted_out
        self.gone = gone


class CarrierFailed(Exception):
    """The carrier did not do this now; trying again later may help.

    ``unsure``: it may have been done all the same, only the answer was lost.
    """

    def __init__(self, message: str, *, unsure: bool = False) -> None:
        super().__init__(message)
        self.unsure = unsure


class MessageCarrier(Protocol):
    """Sends messages."""

    async def send_message(self, outgoing: Outgoing) -> str:
        """Hand the message over; the carrier's id for it. Raises `CarrierRefused` and `CarrierFailed`."""
        ...

    async def close(self) -> None: ...


class Party(msgspec.Struct, frozen=True):
    """Whom to call. ``kind``: client (a browser, by its identity), phone (E.164) or sip (a SIP address)."""

    kind: str
    address: str


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """Bring one more party into a room.

    ``room``: our name of the conference: the contact's id. ``leg_id``: ours, the participant's label, and
    in every callback about the leg. ``shown``: the number the party sees, '' = the carrier's default.
    ``timeout``: seconds it may ring. ``detect_machine``: an answering machine must not pass for the person.
    ``ends_room``: with this party the conversation is over for all. ``muted``; ``coaches``: the carrier's
    id of the one participant who alone hears this party, '' = everybody does. ``record``: the whole
    conversation is recorded from the first two on."""

    contact_id: str
    room: str
    leg_id: str
    party: Party
    shown: str = ""
    timeout: int = 20
    detect_machine: bool = False
    ends_room: bool = False
    muted: bool = False
    coaches: str = ""
    record: bool = False


Recording = Literal["start", "pause", "resume", "stop"]


class CallCarrier(Protocol):
    """What can be done to live calls. Every method may raise `CarrierRefused` and `CarrierFailed`.

    ``call_ref`` and ``leg_ref`` are the carrier's ids of calls (Twilio: CallSid). Doing twice what is done
    already changes nothing and is no error; `CarrierRefused.gone` says that the call or room has ended
    meanwhile."""

    async def fetch_again(self, call_ref: str, contact_id: str, turn: int) -> None:
        """Make a live call ask at once what it shall do now (the channel's ``resume``): out of a queue into a
        conversation, or out of a conversation back into a queue."""
        ...

    async def dial(self, dial: Dial) -> str:
        """Call a party into a room; the carrier's id of the new leg."""
        ...

    async def drop(self, room: str, leg_ref: str, *, answered: bool) -> None:
        """End one leg, ringing or ``answered``: whichever it says, a leg that changed meanwhile ends too."""
        ...

    async def hold(self, room: str, leg_ref: str, on: bool, music: str = "") -> None:
        """Let a party hear music instead of the conversation, or bring it back."""
        ...

    async def mute(self, room: str, leg_ref: str, on: bool) -> None:
        """Let a party hear and not be heard."""
        ...

    async def coach(self, room: str, leg_ref: str, coached_ref: str) -> None:
        """Let only ``coached_ref`` hear a supervisor; '' = everybody (barge)."""
        ...

    async def record(self, room: str, leg_ref: str, what: Recording) -> None:
        """Record the conversation from the leg's side on, or pause (card data), resume or stop it."""
        ...

    async def end_room(self, room: str) -> None:
        """End the conversation for everybody in it."""
        ...

    async def close(self) -> None: ...
