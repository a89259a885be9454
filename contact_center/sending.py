"""``message.send``: a message that answers no webhook leaves through a carrier, once the outbox says so.

The customer's opt-out is looked at once more here, at the last moment (the message may have waited).
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.carriers.base import CarrierRefused, MessageCarrier, Outgoing
from contact_center.outbox_worker import Undeliverable
from contact_center.room import Room
from crm_store import consents, contacts, journal, messages
from crm_store.contacts import Contact
from crm_store.errors import Conflict
from crm_store.messages import Message, StatusReport
from crm_store.outbox import OutboxItem

MOST_ATTEMPTS = 8
"""Tries to note what became of a message before it is left to the outbox's lease."""


class MessageSending:
    """The outbox's handler of ``message.send``; the payload is ``{"message_id"}``."""

    topic = "message.send"

    def __init__(self, room: Room, carrier: MessageCarrier) -> None:
        self.room = room
        self.carrier = carrier

    async def __call__(self, item: OutboxItem) -> None:
        """Send it. Raises `Undeliverable` for what can never arrive, after noting that with the message."""
        message_id = str(item.payload["message_id"])
        contact, message, opted_out = await self.room.store.read(
            lambda connection: _read(connection, message_id)
        )
        if message.status != "queued" or message.provider_ref is not None:
            return  # sent already; only the outbox had not heard of it
        if opted_out:
            await self._note(contact, message, "failed", "opted_out")
            raise Undeliverable("the customer has opted out")
        try:
            ref = await self.carrier.send_message(
                Outgoing(
                    message_id=message.id,
                    channel=contact.channel,
                    from_address=contact.to_address,
                    to_address=contact.from_address,
                    text=message.text,
                    media=tuple(media.url for media in message.media),
                )
            )
        except CarrierRefused as refused:
            await self._note(contact, message, "failed", refused.code, opt_out=refused.opted_out)
            raise Undeliverable(str(refused)) from None
        await self._note(contact, message, "sent", "", ref)

    async def _note(
        self,
        contact: Contact,
        message: Message,
        status: str,
        error: str,
        ref: str = "",
        *,
        opt_out: bool = False,
    ) -> None:
        at = self.room.clock.now()

        def write(connection: Connection) -> None:
            report = StatusReport(status=status, message_id=message.id, provider_ref=ref, error=error)
            messages.apply_status(connection, report, at)
            if opt_out:
                consents.opt_out(
                    connection,
                    contact.channel,
                    contact.from_address,
                    "carrier_21610",
                    at=at,
                    ids=self.room.ids,
                    actor="carrier",
                )
            data = {"message_id": message.id, "status": status} | ({"error": error} if error else {})
            journal.append(connection, contact.id, [journal.NewEntry(at, "message_status", data)])

        for _ in range(MOST_ATTEMPTS):
            try:
                return await self.room.store.write(write)
            except Conflict:  # a turn of the contact was quicker; unnoted, the message would be sent again
                continue
        raise Conflict("a contact is being changed faster than what became of its message can be noted")


def _read(connection: Connection, message_id: str) -> tuple[Contact, Message, bool]:
    message = messages.get(connection, message_id)
    contact = contacts.get(connection, message.contact_id)
    opted_out = consents.is_opted_out(connection, contact.channel, contact.from_address)
    return contact, message, opted_out
