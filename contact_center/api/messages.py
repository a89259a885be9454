"""Messages over the API: what was written in a contact, and an agent's answer to the customer."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import contacts as shapes
from contact_center.api.models.common import Page, listed
from contact_center.api.problems import Problem
from contact_center.texting import send_row
from crm_store import consents, contacts, journal, messages, schema
from crm_store.addresses import parse_address
from crm_store.contacts import Contact
from crm_store.journal import NewEntry
from crm_store.messages import Message


def refuse_unless_textable(connection: Connection, contact: Contact) -> None:
    """Raise `Problem` where no message may leave to the customer of ``contact``."""
    if contact.channel not in consents.KINDS:
        raise Problem("cannot_text", f"This contact is on channel {contact.channel}; it takes no messages.")
    if contact.state == "ended":
        raise Problem(
            "cannot_text", "This contact has ended; a new one begins when the customer writes again."
        )
    customer = contact.from_address if contact.direction == "inbound" else contact.to_address
    prefix = "whatsapp:" if contact.channel == "whatsapp" and not customer.startswith("whatsapp:") else ""
    address = parse_address(prefix + customer)
    if not address.textable:
        raise Problem("cannot_text", f"No message can be sent to this customer: {address.reason}.")
    if consents.is_opted_out(connection, contact.channel, customer):
        raise Problem(
            "cannot_text",
            f"The customer has opted out of {contact.channel} messages; only their START, or their word to "
            "an agent, allows them again.",
        )


async def list_messages(call: Call[Nothing, Nothing]) -> Page[shapes.Message]:
    contact_id = call.path["contact_id"]

    def work(connection: Connection) -> list[Message]:
        contacts.get(connection, contact_id)
        return messages.list_for_contact(connection, contact_id)

    return listed(shapes.Message, await call.read(work))


async def send_message(call: Call[Nothing, shapes.NewMessage]) -> shapes.Message:
    contact_id = call.path["contact_id"]
    ids, agent_id = call.room.ids, call.caller.agent_id
    message = Message(
        id=ids.new("msg"),
        contact_id=contact_id,
        direction="outbound",
        author="agent",
        author_id=agent_id,
        text=call.body.text,
        status="queued",
        at=call.at,
    )

    def work(connection: Connection) -> None:
        contact = contacts.get(connection, contact_id)
        refuse_unless_textable(connection, contact)
        data = {"message_id": message.id, "author": "agent", "actor": call.caller.actor}
        entries = [NewEntry(call.at, "message_out", data)]
        if contact.owner != "agent":
            taken = {"owner": "agent", "by": call.caller.actor}
            entries.insert(0, NewEntry(call.at, "owner_changed", taken))
        journal.append(connection, contact_id, entries)
        _take_over(connection, contact_id, agent_id)
        connection.execute(schema.messages.insert(), messages.outbound_row(message))
        connection.execute(schema.outbox.insert(), send_row(message.id, contact_id, call.at, ids))

    await call.write(work, Note("message.queued", contact_id, {"message_id": message.id}))
    call.changed.append(contact_id)
    return shapes.Message.model_validate(message)


def _take_over(connection: Connection, contact_id: str, agent_id: str | None) -> None:
    """The agent speaks from now on, and the flow and the bot are silent (DESIGN D6)."""
    changes = {"owner": "agent"} | ({"agent_id": agent_id} if agent_id else {})
    contact = schema.contacts
    connection.execute(contact.update().where(contact.c.id == contact_id).values(changes))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/contacts/{contact_id}/messages",
        "agent",
        "List the messages of a contact, oldest first",
        list_messages,
        Page[shapes.Message],
        refusals=("not_found",),
    ),
    Endpoint(
        "POST",
        "/contacts/{contact_id}/messages",
        "agent",
        "Write to the customer of a text contact",
        send_message,
        shapes.Message,
        body=shapes.NewMessage,
        status=202,
        refusals=("not_found", "cannot_text", "conflict"),
        description="The agent takes the contact over: the flow and the bot are silent from then on.",
    ),
)
