"""What the API and the CLI both show, read from the store and put into the API's shapes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.api.models import contacts as contact_shapes
from contact_center.api.models import customers as customer_shapes
from contact_center.api.models import orders as order_shapes
from contact_center.api.models import tickets as ticket_shapes
from contact_center.calendars import business_calendar
from contact_center.config import Config
from contact_center.desk.names import titles as titles_of
from contact_center.handoff import handoff_of
from contact_center.ticket import Sla, allowed, is_overdue, rules_of
from contact_center.timeline import lines_of
from contact_center.titles import Titles
from crm_store import (
    agents,
    calendars,
    callbacks,
    consents,
    contacts,
    customers,
    identities,
    journal,
    messages,
    orders,
    queues,
    recordings,
    schema,
    surveys,
    ticket_list,
    tickets,
)
from crm_store.contacts import ContactFilter
from crm_store.customers import CustomerFilter
from crm_store.orders import Order
from crm_store.search import Query
from crm_store.ticket_list import TicketFilter
from crm_store.tickets import Ticket
from ivr_flows.calendar import ALWAYS_OPEN

if TYPE_CHECKING:  # the CLI shows the same, and starts without the web server
    from contact_center.room import Room

LATEST = 20
"""Contacts and orders shown with a customer."""


def contact_filter(asked: contact_shapes.ContactFilters) -> ContactFilter:
    """The API's parameters in the store's words."""
    return ContactFilter(
        since=asked.since,
        until=asked.until,
        channel=asked.channel,
        direction=asked.direction,
        queue=asked.queue,
        agent_id=asked.agent,
        customer_id=asked.customer,
        address=asked.address,
        state=asked.state,
        outcome=asked.outcome,
        end_reason=asked.end_reason,
        flow=asked.flow,
        language=asked.language,
        tag=asked.tag,
        ticket=asked.ticket,
    )


def log_query(asked: contact_shapes.LogFilters) -> Query:
    """The API's parameters in the store's words."""
    return Query(which=contact_filter(asked), words=asked.words, path=asked.path)


def customer_filter(asked: customer_shapes.CustomerQuery) -> CustomerFilter:
    """The API's parameters in the store's words."""
    return CustomerFilter(
        text=asked.text,
        tier=asked.tier,
        tag=asked.tag,
        language=asked.language,
        account_id=asked.account,
        owner_id=asked.owner,
        merged={"no": False, "yes": True, "all": None}[asked.merged],
    )


def ticket_filter(asked: ticket_shapes.TicketQuery, at: datetime) -> TicketFilter:
    """The API's parameters in the store's words; ``at`` is when it is asked what is overdue."""
    return TicketFilter(
        status=asked.status,
        open=asked.open,
        assignee_id=asked.assignee,
        unassigned=asked.unassigned,
        queue=asked.queue,
        customer_id=asked.customer,
        priority=asked.priority,
        severity=asked.severity,
        category=asked.category,
        order_number=None if asked.order_number is None else orders.normalise_number(asked.order_number),
        overdue_at=at if asked.overdue else None,
        since=asked.since,
        until=asked.until,
    )


def contact_detail(
    connection: Connection, contact_id: str, language: str = "en"
) -> contact_shapes.ContactDetail:
    """A contact with what belongs to it. Raises `NotFound`."""
    contact = contacts.get(connection, contact_id)
    belongs: dict[str, Any] = {
        "handoff": handoff_of(journal.read(connection, contact_id), language),
        "tickets": [ticket.number for ticket in tickets.list_for_contact(connection, contact_id)],
        "recordings": recordings.list_for_contact(connection, contact_id),
        "surveys": surveys.list_for_contact(connection, contact_id),
        "callbacks": callbacks.list_for_contact(connection, contact_id),
    }
    row = contact_shapes.Contact.model_validate(contact).model_dump()
    return contact_shapes.ContactDetail.model_validate(row | belongs)


def titles(connection: Connection, room: Room) -> Titles:
    """How people call the company's queues, reasons, intents and flows."""
    return titles_of(room.config.desk, queues.list_queues(connection), room.library.current.flows)


def timeline(
    connection: Connection, contact_id: str, language: str, titles: Titles | None = None
) -> contact_shapes.Timeline:
    """A contact's journal in words and as it is stored. Raises `NotFound`. Without ``titles`` names are shown
    as they are.
    """
    contacts.get(connection, contact_id)
    entries = journal.read(connection, contact_id)
    texts = {message.id: message.text for message in messages.list_for_contact(connection, contact_id)}
    names = {agent.id: agent.name for agent in agents.list_agents(connection)}
    lines = lines_of(entries, language, texts, names, titles)
    return contact_shapes.Timeline(
        contact_id=contact_id,
        language=language,
        lines=[contact_shapes.TimelineLine.model_validate(line) for line in lines],
        entries=[contact_shapes.JournalEntry.model_validate(entry) for entry in entries],
    )


def customer_detail(connection: Connection, customer_id: str) -> customer_shapes.CustomerDetail:
    """A customer with all that an agent wants to see first. Raises `NotFound`."""
    customer = customers.get(connection, customer_id)
    known_by = identities.list_identities(connection, customer_id)
    still_open = TicketFilter(customer_id=customer_id, open=True)
    belongs: dict[str, Any] = {
        "identities": known_by,
        "consents": [
            {
                "kind": kind,
                "address": identity.value,
                "opted_out": consents.is_opted_out(connection, kind, identity.value),
            }
            for identity in known_by
            if (kind := {"phone": "sms", "whatsapp": "whatsapp"}.get(identity.kind)) is not None
        ],
        "orders": orders.list_orders(connection, customer_id=customer_id, limit=LATEST).items,
        "open_tickets": ticket_list.list_tickets(connection, still_open, order="work").items,
        "contacts": contacts.list_contacts(
            connection, ContactFilter(customer_id=customer_id), limit=LATEST
        ).items,
    }
    row = customer_shapes.Customer.model_validate(customer).model_dump()
    return customer_shapes.CustomerDetail.model_validate(row | belongs)


def ticket_detail(connection: Connection, ticket: Ticket, at: datetime) -> ticket_shapes.TicketDetail:
    """A ticket with its history and what may be done to it at ``at``."""
    belongs: dict[str, Any] = {
        "history": tickets.history(connection, ticket.id),
        "contact_ids": tickets.contact_ids(connection, ticket.id),
        "links": tickets.linked(connection, ticket.id),
        "overdue": is_overdue(ticket, at),
        "allowed": allowed(ticket),
    }
    row = ticket_shapes.Ticket.model_validate(ticket).model_dump()
    return ticket_shapes.TicketDetail.model_validate(row | belongs)


def order_detail(connection: Connection, order: Order) -> order_shapes.OrderDetail:
    """An order with its payments and refunds."""
    row = order_shapes.Order.model_validate(order).model_dump()
    money = orders.list_transactions(connection, order.id)
    return order_shapes.OrderDetail.model_validate(row | {"transactions": money})


def sla(connection: Connection, config: Config) -> Sla:
    """What due times are counted with, as configured; a calendar that is not there never closes."""
    rules = rules_of(config.tickets.sla_hours)
    row = calendars.find(connection, config.tickets.calendar)
    if row is None:
        return Sla(ALWAYS_OPEN, rules)
    return Sla(business_calendar(row), rules)


def open_contacts(connection: Connection, customer_id: str) -> list[str]:
    """Ids of the customer's contacts that are still going on."""
    c = schema.contacts.c
    statement = sa.select(c.id).where(c.customer_id == customer_id, c.state != "ended")
    return list(connection.execute(statement).scalars())
