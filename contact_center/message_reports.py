"""What becomes of a message of ours after it has left: to the message, the contact, the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from contact_center.channels.base import Delivery, MessageStatus
from crm_store import consents, contacts, journal, messages
from crm_store.ids import Ids
from crm_store.store import Unit


def report_unit(delivery: Delivery, event: MessageStatus, at: datetime, ids: Ids) -> Unit:
    """The unit that notes ``event``; its call answers with the contact's id, '' for a message not ours."""
    unit = Unit()
    if delivery.key:
        row = {"key": delivery.key, "contact_id": "", "turn": 0, "reply": "{}", "received_at": at}
        unit.insert("deliveries", row)
    unit.call(lambda connection: note_report(connection, event, at, ids))
    return unit


def note_report(connection: Connection, event: MessageStatus, at: datetime, ids: Ids) -> str:
    """Write what ``event`` says to the message, its contact's journal and, where the customer has opted
    out, to their consent; the contact's id, '' for a message not ours."""
    report = messages.StatusReport(
        status=event.status,
        provider_ref=event.provider_ref,
        message_id=event.message_id,
        error=event.error,
    )
    message = messages.apply_status(connection, report, at).message
    if message is None:
        return ""
    data: dict[str, Any] = {"message_id": message.id, "status": event.status}
    if event.error:
        data["error"] = event.error
    entries = [journal.NewEntry(at, "message_status", data)]
    contact = contacts.get(connection, message.contact_id)
    if event.opted_out and contact.channel in consents.KINDS:
        consents.opt_out(
            connection,
            contact.channel,
            contact.from_address,
            "carrier_21610",
            at=at,
            ids=ids,
            actor="carrier",
        )
        told = {"kind": contact.channel, "opted_out": True, "source": "carrier_21610"}
        entries.append(journal.NewEntry(at, "consent", told))
    journal.append(connection, contact.id, entries)
    return contact.id
