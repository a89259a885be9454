"""What agents do to tickets, one verb a function: read it, ask the rules, write change and history together.

Each runs in the caller's transaction (`Store.write`, `Store.writing`). All raise `NotFound` for a
ticket that is not there, `Refused` where the rules forbid it (the message says what to do
instead), and `Conflict` where somebody else changed the ticket meanwhile. ``actor`` is who did it,
as ``agent:ID``.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center import ticket as rules
from contact_center.ticket import Sla
from crm_store import contacts, journal, schema, tickets
from crm_store.errors import NotFound
from crm_store.journal import NewEntry
from crm_store.ticket_numbers import parse
from crm_store.tickets import Ticket


class Deed(msgspec.Struct, frozen=True):
    """Who acts and when."""

    actor: str
    at: datetime


def find_ticket(connection: Connection, named: str) -> Ticket:
    """The ticket with an id, or with a number as people write or say it. Raises `NotFound`."""
    number = parse(named)
    found = None if number is None else tickets.get_by_number(connection, number)
    if found is not None:
        return found
    if named.startswith("tkt_"):
        return tickets.get(connection, named)
    raise NotFound("there is no ticket with that number; check the digits, `contact-center tickets list`")


def claim_ticket(connection: Connection, ticket_id: str, agent_id: str, deed: Deed) -> Ticket:
    """The agent takes the ticket, or goes on with it."""
    ticket = tickets.get(connection, ticket_id)
    _require_agent(connection, agent_id)
    return tickets.apply(connection, ticket, rules.claim(ticket, agent_id), deed.at, deed.actor)


def note_on_ticket(connection: Connection, ticket_id: str, text: str, deed: Deed) -> Ticket:
    """Write a note in its history."""
    ticket = tickets.get(connection, ticket_id)
    return tickets.apply(connection, ticket, rules.note(ticket, text), deed.at, deed.actor)


def reassign_ticket(
    connection: Connection,
    ticket_id: str,
    deed: Deed,
    *,
    agent_id: str | None,
    queue: str = "",
    reason: str = "",
) -> Ticket:
    """Give the ticket to an agent, or to nobody in particular in a queue."""
    ticket = tickets.get(connection, ticket_id)
    if agent_id is not None:
        _require_agent(connection, agent_id)
    if queue:
        _require_queue(connection, queue)
    change = rules.reassign(ticket, agent_id, queue, reason)
    return tickets.apply(connection, ticket, change, deed.at, deed.actor)


def set_ticket_waiting(connection: Connection, ticket_id: str, deed: Deed, reason: str = "") -> Ticket:
    """Nothing can be done before somebody else has answered."""
    ticket = tickets.get(connection, ticket_id)
    return tickets.apply(connection, ticket, rules.wait(ticket, reason), deed.at, deed.actor)


def resolve_ticket(connection: Connection, ticket_id: str, deed: Deed, resolution: str = "") -> Ticket:
    """The matter is settled."""
    ticket = tickets.get(connection, ticket_id)
    change = rules.resolve(ticket, deed.at, resolution)
    return tickets.apply(connection, ticket, change, deed.at, deed.actor)


def reopen_ticket(connection: Connection, ticket_id: str, deed: Deed, sla: Sla, reason: str = "") -> Ticket:
    """It was not settled after all."""
    ticket = tickets.get(connection, ticket_id)
    change = rules.reopen(ticket, deed.at, sla, reason)
    return tickets.apply(connection, ticket, change, deed.at, deed.actor)


def close_ticket(connection: Connection, ticket_id: str, deed: Deed) -> Ticket:
    """It is over for good."""
    ticket = tickets.get(connection, ticket_id)
    return tickets.apply(connection, ticket, rules.close(ticket), deed.at, deed.actor)


def escalate_ticket(connection: Connection, ticket_id: str, deed: Deed, sla: Sla, reason: str = "") -> Ticket:
    """It is more pressing than it was: severity up one step, priority and due time with it."""
    ticket = tickets.get(connection, ticket_id)
    change = rules.escalate(ticket, deed.at, _tier_of(connection, ticket), sla, reason)
    return tickets.apply(connection, ticket, change, deed.at, deed.actor)


def prioritise_ticket(
    connection: Connection, ticket_id: str, deed: Deed, to: int, reason: str = ""
) -> Ticket:
    """Another place among the others: 1 (first) to 4."""
    ticket = tickets.get(connection, ticket_id)
    return tickets.apply(connection, ticket, rules.prioritise(ticket, to, reason), deed.at, deed.actor)


def link_ticket_to_contact(connection: Connection, ticket_id: str, contact_id: str, deed: Deed) -> Ticket:
    """The ticket came up in the contact, whose journal says so as well. Doing it twice is doing it once."""
    ticket = tickets.get(connection, ticket_id)
    contacts.get(connection, contact_id)
    if contact_id in tickets.contact_ids(connection, ticket_id):
        return ticket
    tickets.link(connection, ticket_id, contact_id)
    told = {"ticket_id": ticket.id, "number": ticket.number}
    journal.append(connection, contact_id, [NewEntry(deed.at, "ticket_joined", told)])
    change = rules.link_contact(ticket, contact_id)
    return tickets.apply(connection, ticket, change, deed.at, deed.actor)


def link_tickets(connection: Connection, ticket_id: str, other: str, deed: Deed) -> Ticket:
    """Both are about the same matter; the history of each says so. Doing it twice is doing it once."""
    ticket, found = tickets.get(connection, ticket_id), find_ticket(connection, other)
    change, back = rules.link_ticket(ticket, found), rules.link_ticket(found, ticket)
    if found.id in {each.id for each in tickets.linked(connection, ticket_id)}:
        return ticket
    tickets.link_tickets(connection, ticket.id, found.id)
    tickets.apply(connection, found, back, deed.at, deed.actor)
    return tickets.apply(connection, ticket, change, deed.at, deed.actor)


def unlink_tickets(connection: Connection, ticket_id: str, other: str, deed: Deed) -> Ticket:
    """They are about different things after all. Raises `NotFound` where they were not linked."""
    ticket, found = tickets.get(connection, ticket_id), find_ticket(connection, other)
    tickets.unlink_tickets(connection, ticket.id, found.id)
    tickets.apply(connection, found, rules.unlink_ticket(found, ticket), deed.at, deed.actor)
    return tickets.apply(connection, ticket, rules.unlink_ticket(ticket, found), deed.at, deed.actor)


def _tier_of(connection: Connection, ticket: Ticket) -> str:
    customers = schema.customers.c
    found = connection.execute(sa.select(customers.tier).where(customers.id == ticket.customer_id)).scalar()
    return found or "standard"


def _require_agent(connection: Connection, agent_id: str) -> None:
    agents = schema.agents.c
    found = connection.execute(
        sa.select(agents.id).where(agents.id == agent_id, agents.active.is_(True))
    ).first()
    if found is None:
        raise NotFound(f"there is no active agent {agent_id}; `contact-center agents list` shows them")


def _require_queue(connection: Connection, name: str) -> None:
    queues = schema.queues.c
    if connection.execute(sa.select(queues.id).where(queues.name == name)).first() is None:
        raise NotFound(f"there is no queue {name!r}; `contact-center queues list` shows them")
