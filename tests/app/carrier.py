"""A carrier that only keeps what it was given, and what the API does when an agent writes."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.carriers.base import Outgoing
from contact_center.outbox_worker import OutboxWorker
from contact_center.sending import MessageSending
from crm_store import journal, messages, outbox, schema
from crm_store.contacts import Contact
from crm_store.journal import NewEntry
from crm_store.messages import Message
from tests.app.centre import Centre


class Carrier:
    """A carrier that keeps what it was given; ``error`` is raised instead, once."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[Outgoing] = []
        self.error = error

    async def send_message(self, outgoing: Outgoing) -> str:
        error, self.error = self.error, None
        if error is not None:
            raise error
        self.sent.append(outgoing)
        return f"SM{len(self.sent):032d}"

    async def close(self) -> None:
        return None


def worker(centre: Centre, carrier: Carrier) -> OutboxWorker:
    """The outbox of a centre that sends through ``carrier``."""
    return OutboxWorker(centre.room, {MessageSending.topic: MessageSending(centre.room, carrier)})


async def agent_writes(centre: Centre, contact_id: str, text: str) -> str:
    """What the API does when an agent writes; the message's id."""
    message = Message(
        id=centre.room.ids.new("msg"), contact_id=contact_id, direction="outbound", author="agent",
        text=text, status="queued", at=centre.clock.now(),
    )  # fmt: skip

    def work(connection: Connection) -> None:
        journal.append(
            connection, contact_id, [NewEntry(message.at, "message_out", {"message_id": message.id})]
        )
        connection.execute(
            schema.contacts.update().where(schema.contacts.c.id == contact_id).values(owner="agent")
        )
        connection.execute(schema.messages.insert(), messages.outbound_row(message))
        item = outbox.row(
            centre.room.ids.new("out"), "message.send", {"message_id": message.id}, message.at, contact_id
        )
        connection.execute(schema.outbox.insert(), item)

    await centre.room.store.write(work)
    return message.id


async def only_contact(centre: Centre) -> Contact:
    [contact] = await centre.contacts()
    return contact
