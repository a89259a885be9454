"""What a carrier is."""

from __future__ import annotations

from typing import Protocol

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

    ``opted_out``: because the customer wants no messages.
    """

    def __init__(self, code: str, *, opted_out: bool = False) -> None:
        super().__init__(f"the carrier refused it for good, with error {code}")
        self.code = code
        self.opted_out = opted_out


class CarrierFailed(Exception):
    """The carrier did not do this now; trying again later may help."""


class MessageCarrier(Protocol):
    """Sends messages."""

    async def send_message(self, outgoing: Outgoing) -> str:
        """Hand the message over; the carrier's id for it. Raises `CarrierRefused` and `CarrierFailed`."""
        ...

    async def close(self) -> None: ...
