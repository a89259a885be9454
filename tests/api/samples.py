"""Rows that API and CLI tests speak of: two customers, an order, a ticket, calls and texts with a journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.engine import Connection

from crm_store import (
    agents,
    calendars,
    consents,
    contacts,
    customers,
    identities,
    journal,
    messages,
    orders,
    queues,
    schema,
    ticket_numbers,
    tickets,
)
from crm_store.agents import NewAgent
from crm_store.calendars import CalendarSettings
from crm_store.contacts import Contact
from crm_store.customers import NewCustomer
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.orders import Item, NewOrder
from crm_store.queues import QueueSettings
from crm_store.tickets import NewTicket

LI = "+8613800138000"
CHEN = "+8613900139000"
STOPPED = "+8613700137000"
OURS = "+12025550143"


@dataclass(frozen=True)
class Samples:
    """Ids (of the ticket: its number as well)."""

    agent: str
    li: str
    chen: str
    li_phone: str
    call: str
    text: str
    stopped: str
    withheld: str
    ticket: str
    ticket_number: str

    @classmethod
    def make(cls, connection: Connection, ids: Ids, at: datetime) -> Samples:
        """Write them. The call came an hour before ``at``, the texts ten minutes."""
        by: dict[str, Any] = {"at": at, "ids": ids, "actor": "test"}
        new_agent = NewAgent(name="Wang Fang", email="wang@example.com", skills={"refunds": 7})
        agent = agents.create(connection, new_agent, **by)
        calendars.put(
            connection,
            "office",
            CalendarSettings(timezone="Asia/Shanghai", weekly={"mon": (("09:00", "18:00"),)}),
            **by,
        )
        queues.put(connection, "complaints", QueueSettings(title={"en": "Complaints"}), **by)
        queues.put(connection, "sales", QueueSettings(title={"en": "Sales"}), **by)
        li = customers.create(connection, NewCustomer(name="Li Wei", language="zh", tier="gold"), **by).id
        chen = customers.create(connection, NewCustomer(name="Chen Jie", tags=("vip",)), **by).id
        li_phone = identities.add(connection, li, "phone", LI, "crm_import", **by).id
        identities.add(connection, chen, "phone", CHEN, "crm_import", **by)
        orders.create(
            connection,
            NewOrder(
                number="SO-1001",
                status="shipped",
                total_minor=12_800,
                currency="CNY",
                placed_at=at - timedelta(days=3),
                items=(Item("Kettle", 2),),
                customer_id=li,
            ),
            **by,
        )
        hour, minutes = at - timedelta(hours=1), at - timedelta(minutes=10)
        ended = {"state": "ended", "owner": "nobody", "outcome": "ticket", "end_reason": "done"}
        call = new_contact(
            connection, ids, hour, "phone", LI, li, tags=("late",), reason="late parcel", **ended
        )
        text = new_contact(connection, ids, minutes, "sms", LI, li)
        stopped = new_contact(connection, ids, minutes, "sms", STOPPED, None)
        withheld = new_contact(connection, ids, minutes, "sms", "", None)
        consents.opt_out(connection, "sms", STOPPED, "keyword", **by)
        ticket, _ = tickets.open_or_join(
            connection,
            NewTicket(
                category="complaint",
                subject="The kettle is broken",
                severity="normal",
                priority=2,
                queue="complaints",
                opened_at=hour,
                due_at=at + timedelta(hours=23),
                order_number="SO-1001",
                customer_id=li,
                contact_id=call,
            ),
            at,
            ids,
            lambda: ticket_numbers.draw(Random(7)),
        )
        journal.append(connection, call, _call_story(hour, ticket.id, ticket.number))
        row = messages.inbound_row("msg_1", text, "where is my kettle", minutes, ref="SM1")
        connection.execute(schema.messages.insert(), row)
        journal.append(connection, text, [NewEntry(minutes, "message_in", {"message_id": "msg_1"})])
        return cls(agent.id, li, chen, li_phone, call, text, stopped, withheld, ticket.id, ticket.number)


def new_contact(
    connection: Connection, ids: Ids, at: datetime, channel: str, who: str, customer: str | None, **more: Any
) -> str:
    """A contact that came in ``at``; its id."""
    fields: dict[str, Any] = {
        "id": ids.new("con"),
        "channel": channel,
        "direction": "inbound",
        "open_key": f"{channel}:{who}" if more.get("state") != "ended" else None,
        "provider_ref": None,
        "state": "in_flow",
        "owner": "flow",
        "customer_id": customer,
        "from_address": who,
        "to_address": OURS,
        "language": "en",
        "flow": "front_door",
        "flow_digest": "d",
        "session": "{}",
        "started_at": at,
    }
    contact = Contact(**(fields | more))
    connection.execute(schema.contacts.insert(), contacts.columns(contact))
    return contact.id


def _call_story(at: datetime, ticket_id: str, number: str) -> list[NewEntry]:
    def after(seconds: int, kind: str, /, **data: Any) -> NewEntry:
        return NewEntry(at + timedelta(seconds=seconds), kind, data)

    started = {"channel": "phone", "direction": "inbound", "from": LI, "to": OURS, "flow": "front_door"}
    return [
        after(0, "contact_started", **started),
        after(0, "input", turn=0, kind="started"),
        after(0, "path", turn=0, steps=[["front_door", "greet", "next"], ["front_door", "main", ""]]),
        after(7, "input", turn=1, kind="keys", digits="4"),
        after(9, "input", turn=2, kind="words", text="my parcel is late", confidence=0.9),
        after(9, "ticket_opened", ticket_id=ticket_id, number=number),
        after(12, "contact_ended", outcome="ticket", reason="done"),
    ]
