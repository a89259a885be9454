"""Messages over the API: what was written in a contact, and an agent's answer to the customer."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy.engine import Connection

from contact_center.actions.act import Act
from contact_center.actions.offers import take_work
from contact_center.actions.talk import cancel_work
from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import contacts as shapes
from contact_center.api.models.common import Page
from contact_center.api.problems import Problem
from contact_center.channels.webchat import FILES, file_id
from contact_center.texting import send_row
from crm_store import attachments, chats, consents, contacts, messages, schema, works
from crm_store.addresses import parse_address
from crm_store.attachments import Attachment
from crm_store.contacts import Contact
from crm_store.journal import NewEntry
from crm_store.messages import Media, Message

FETCHED: Final = frozenset({"console_chat"})
"""Channels on which nothing is sent, because the customer comes for what was written."""


def refuse_unless_textable(connection: Connection, contact: Contact) -> None:
    """Raise `Problem` where no message may leave to the customer of ``contact``."""
    waits = contact.channel in FETCHED or contact.channel == chats.CHANNEL
    if waits and contact.state != "ended":
        return
    if contact.channel not in consents.KINDS and not waits:
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

    def work(connection: Connection) -> list[shapes.Message]:
        contacts.get(connection, contact_id)
        return _shown(connection, messages.list_for_contact(connection, contact_id))

    return Page[shapes.Message](items=await call.read(work))


def _shown(connection: Connection, found: list[Message]) -> list[shapes.Message]:
    """Messages with the names of those files that are our own."""
    ours = {id_ for message in found for media in message.media if (id_ := file_id(media.url))}
    files = attachments.find_all(connection, sorted(ours))
    return [
        shapes.Message.model_validate(message).model_copy(
            update={"media": [_media(media, files.get(file_id(media.url))) for media in message.media]}
        )
        for message in found
    ]


def _media(media: Media, file: Attachment | None) -> shapes.Media:
    name, size = ("", 0) if file is None else (file.name, file.size)
    return shapes.Media(url=media.url, content_type=media.content_type, name=name, size=size)


def _uploaded(connection: Connection, contact: Contact, file_ids: list[str]) -> list[Attachment]:
    """Files that were uploaded to go with a message of ours. Raises `Problem`."""
    if not file_ids:
        return []
    if contact.channel != chats.CHANNEL:
        raise Problem("cannot_text", "Files can only be sent in a web chat.")
    found = attachments.find_all(connection, file_ids)
    for id_ in file_ids:
        file = found.get(id_)
        if file is None or file.agent_id is None or file.visitor_id != contact.provider_ref:
            raise Problem("invalid", "There is no such file of this chat.", fields=[("files", f"not {id_}")])
        if file.message_id is not None:
            raise Problem("refused", "That file was sent already; upload it again.")
    return [found[id_] for id_ in file_ids]


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

    def work(deed: Act) -> shapes.Message:
        connection, contact = deed.connection, deed.contact(contact_id)
        refuse_unless_textable(connection, contact)
        files = _uploaded(connection, contact, call.body.files)
        media = tuple(Media(FILES + file.id, file.content_type) for file in files)
        kept = msgspec.structs.replace(message, media=media)
        _take_from_line(deed, contact, agent_id, supervises=call.caller.may("supervisor"))
        data = {"message_id": message.id, "author": "agent", "actor": call.caller.actor}
        entries = [NewEntry(call.at, "message_out", data)]
        changes: dict[str, Any] = {}
        if deed.contact(contact_id).owner != "agent":  # flow and bot are silent from now on (DESIGN D6)
            taken = {"owner": "agent", "by": call.caller.actor}
            entries.insert(0, NewEntry(call.at, "owner_changed", taken))
            changes = {"owner": "agent"} | ({"agent_id": agent_id} if agent_id else {})
        deed.note_contact(contact_id, entries, changes)
        connection.execute(schema.messages.insert(), messages.outbound_row(kept))
        if files:
            attachments.sent(connection, call.body.files, contact.provider_ref or "", kept.id)
        if contact.channel not in FETCHED:
            connection.execute(schema.outbox.insert(), send_row(message.id, contact_id, call.at, ids))
        return _shown(connection, [kept])[0]

    sent = await call.act(work, Note("message.queued", contact_id, {"message_id": message.id}))
    call.changed.append(contact_id)
    return sent


def _take_from_line(deed: Act, contact: Contact, agent_id: str | None, *, supervises: bool) -> None:
    """Who writes to a customer in line has the contact. To a colleague's customer only a supervisor may
    write.
    """
    work = works.open_for_contact(deed.connection, contact.id)
    if work is None or (work.agent_id == agent_id and work.state == "active"):
        return
    if work.state in ("waiting", "offered"):
        if agent_id is None:
            cancel_work(deed, work, "handled")
        else:
            take_work(deed, work, agent_id)
    elif not supervises:
        raise Problem("refused", "Another agent has this conversation; ask for a transfer.")


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
