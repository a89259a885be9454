"""``message.send``: a message that answers no webhook leaves through a carrier, once the outbox says so.

The customer's opt-out is looked at once more here, at the last moment (the message may have waited).
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.carriers.base import CarrierRefused, MessageCarrier, Outgoing
from contact_center.channels.base import MessageStatus
from contact_center.message_reports import note_report
from contact_center.outbox_worker import Undeliverable
from contact_center.room import Room
from contact_center.texting import SEND
from crm_store import consents, contacts, messages
from crm_store.contacts import Contact
from crm_store.errors import Conflict
from crm_store.messages import Message
from crm_store.outbox import OutboxItem

MOST_ATTEMPTS = 8
"""Tries to note what became of a message before it is left to the outbox's lease."""


class MessageSending:
    """The outbox's handler of ``message.send``; the payload is ``{"message_id"}``."""

    topic = SEND

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
            await self._note(MessageStatus("", "failed", message.id, "opted_out"))
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
            failed = MessageStatus("", "failed", message.id, refused.code, opted_out=refused.opted_out)
            await self._note(failed)
            raise Undeliverable(str(refused)) from None
        await self._note(MessageStatus(ref, "sent", message.id))

    async def _note(self, event: MessageStatus) -> None:
        at, ids = self.room.clock.now(), self.room.ids
        for _ in range(MOST_ATTEMPTS):
            try:
                await self.room.store.write(lambda connection: note_report(connection, event, at, ids))
                return
            except Conflict:  # a turn of the contact was quicker; unnoted, the message would be sent again
                continue
        raise Conflict("a contact is being changed faster than what became of its message can be noted")


def _read(connection: Connection, message_id: str) -> tuple[Contact, Message, bool]:
    message = messages.get(connection, message_id)
    contact = contacts.get(connection, message.contact_id)
    opted_out = consents.is_opted_out(connection, contact.channel, contact.from_address)
    return contact, message, opted_out
