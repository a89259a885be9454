"""``message.send`` for chats: what answers no line of the visitor's is announced, and waits in the store.

There is nothing to hand over: the visitor's browsers are woken and look. Where none is open the message stays
``queued`` until the visitor comes back.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.chat.hub import ChatHub
from contact_center.outbox_worker import Handler, Undeliverable
from contact_center.room import Room
from contact_center.texting import SEND
from crm_store import chats, contacts, messages
from crm_store.contacts import Contact
from crm_store.outbox import OutboxItem


class ChatSending:
    """The outbox's handler of ``message.send``; ``other`` has the messages of all other channels."""

    topic = SEND

    def __init__(self, room: Room, hub: ChatHub, other: Handler | None) -> None:
        self.room = room
        self.hub = hub
        self.other = other

    async def __call__(self, item: OutboxItem) -> None:
        """Bring it on its way. Raises `Undeliverable` where its channel has no carrier here."""
        message_id = str(item.payload["message_id"])

        def read(connection: Connection) -> Contact:
            return contacts.get(connection, messages.get(connection, message_id).contact_id)

        contact = await self.room.store.read_quick(read)
        if contact.channel == chats.CHANNEL:
            self.hub.wake(contact.provider_ref or "")
        elif self.other is not None:
            await self.other(item)
        else:
            raise Undeliverable("nothing here sends messages of this channel; is its carrier enabled?")
