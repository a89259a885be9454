"""Tickets over the API: lists, one with its history, and the actions of `contact_center.tickets`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from contact_center import tickets as deeds
from contact_center.actions.act import Act
from contact_center.actions.tickets import changing, follow
from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import tickets as shapes
from contact_center.api.models.common import Page
from contact_center.api.problems import Problem
from contact_center.api.views import sla, ticket_detail, ticket_filter
from contact_center.ticket import priority
from contact_center.tickets import Deed
from crm_store import (
    audit,
    contacts,
    customers,
    journal,
    orders,
    queues,
    ticket_list,
    ticket_numbers,
    tickets,
)
from crm_store.journal import NewEntry
from crm_store.tickets import NewTicket, Ticket


async def list_tickets(call: Call[shapes.TicketQuery, Nothing]) -> Page[shapes.Ticket]:
    asked = call.params
    found = await call.read(
        lambda connection: ticket_list.list_tickets(
            connection, ticket_filter(asked, call.at), asked.cursor, asked.limit, asked.order
        )
    )
    return Page[shapes.Ticket].model_validate(found)


async def get_ticket(call: Call[Nothing, Nothing]) -> shapes.TicketDetail:
    return await call.read(
        lambda connection: ticket_detail(
            connection, deeds.find_ticket(connection, call.path["ticket"]), call.at
        )
    )


async def open_ticket(call: Call[Nothing, shapes.NewTicket]) -> shapes.OpenedTicket:
    body, random = call.body, call.room.random

    def work(deed: Act) -> tuple[Ticket, bool]:
        connection = deed.connection
        new = _new_ticket(connection, call)
        ticket, joined = tickets.open_or_join(
            connection, new, call.at, call.room.ids, lambda: ticket_numbers.draw(random)
        )
        if body.contact_id is not None:
            kind = "ticket_joined" if joined else "ticket_opened"
            told = {"ticket_id": ticket.id, "number": ticket.number}
            journal.append(connection, body.contact_id, [NewEntry(call.at, kind, told)])
        audit.write(connection, "ticket.joined" if joined else "ticket.opened", ticket.id, {}, **call.by)
        follow(deed, ticket)
        return ticket, joined

    ticket, joined = await call.act(work)
    if body.contact_id is not None:
        call.changed.append(body.contact_id)
    row = shapes.Ticket.model_validate(ticket).model_dump()
    return shapes.OpenedTicket(**row, joined=joined)


def _new_ticket(connection: Connection, call: Call[Nothing, shapes.NewTicket]) -> NewTicket:
    """The ticket to open, with what is known from its contact. Raises `NotFound`."""
    body, config = call.body, call.room.config
    contact = contacts.get(connection, body.contact_id) if body.contact_id else None
    customer_id = body.customer_id or (contact.customer_id if contact else None)
    customer = customers.get(connection, customer_id) if customer_id else None
    if body.queue:
        queues.get(connection, body.queue)
    since = contact.started_at if contact else call.at
    return NewTicket(
        category=body.category,
        subject=body.subject,
        description=body.description,
        severity=body.severity,
        priority=priority(body.severity, customer.tier if customer else "standard"),
        opened_at=since,
        due_at=sla(connection, config).due_at(body.severity, since),
        queue=body.queue or config.tickets.queue,
        contact_back=body.contact_back or (contact.from_address if contact else ""),
        order_number=orders.normalise_number(body.order_number),
        customer_id=customer_id,
        contact_id=body.contact_id,
        actor=call.caller.actor,
    )


async def _act(
    call: Call[Nothing, Any], action: str, change: Callable[[Connection, str, Deed], Ticket]
) -> shapes.TicketDetail:
    """Do something to the ticket in the path, unless it has changed since the caller read it."""

    def work(deed: Act) -> shapes.TicketDetail:
        connection = deed.connection
        ticket = deeds.find_ticket(connection, call.path["ticket"])
        if call.version is not None and call.version != ticket.version:
            raise Problem("stale", "The ticket was changed since you read it; read it again.")
        by = Deed(call.caller.actor, call.at)
        changed = changing(deed, ticket.id, lambda: change(connection, ticket.id, by))
        audit.write(connection, f"ticket.{action}", ticket.id, {}, **call.by)
        return ticket_detail(connection, changed, call.at)

    return await call.act(work)


async def claim_ticket(call: Call[Nothing, shapes.Claim]) -> shapes.TicketDetail:
    agent_id = call.body.agent_id or call.caller.agent_id
    if agent_id is None:
        raise Problem(
            "invalid", "Say which agent takes it.", fields=[("agent_id", "is needed with this token")]
        )
    return await _act(
        call, "claimed", lambda connection, id_, deed: deeds.claim_ticket(connection, id_, agent_id, deed)
    )


async def add_ticket_note(call: Call[Nothing, shapes.TicketNote]) -> shapes.TicketDetail:
    text = call.body.text
    return await _act(
        call, "noted", lambda connection, id_, deed: deeds.note_on_ticket(connection, id_, text, deed)
    )


async def reassign_ticket(call: Call[Nothing, shapes.Reassign]) -> shapes.TicketDetail:
    to = call.body
    return await _act(
        call,
        "reassigned",
        lambda connection, id_, deed: deeds.reassign_ticket(
            connection, id_, deed, agent_id=to.agent_id, queue=to.queue, reason=to.reason
        ),
    )


async def set_ticket_waiting(call: Call[Nothing, shapes.Reason]) -> shapes.TicketDetail:
    reason = call.body.reason
    return await _act(
        call, "waiting", lambda connection, id_, deed: deeds.set_ticket_waiting(connection, id_, deed, reason)
    )


async def resolve_ticket(call: Call[Nothing, shapes.Resolve]) -> shapes.TicketDetail:
    text = call.body.resolution
    return await _act(
        call, "resolved", lambda connection, id_, deed: deeds.resolve_ticket(connection, id_, deed, text)
    )


async def reopen_ticket(call: Call[Nothing, shapes.Reason]) -> shapes.TicketDetail:
    reason, config = call.body.reason, call.room.config
    return await _act(
        call,
        "reopened",
        lambda connection, id_, deed: deeds.reopen_ticket(
            connection, id_, deed, sla(connection, config), reason
        ),
    )


async def close_ticket(call: Call[Nothing, Nothing]) -> shapes.TicketDetail:
    return await _act(call, "closed", deeds.close_ticket)


async def escalate_ticket(call: Call[Nothing, shapes.Reason]) -> shapes.TicketDetail:
    reason, config = call.body.reason, call.room.config
    return await _act(
        call,
        "escalated",
        lambda connection, id_, deed: deeds.escalate_ticket(
            connection, id_, deed, sla(connection, config), reason
        ),
    )


async def prioritise_ticket(call: Call[Nothing, shapes.Prioritise]) -> shapes.TicketDetail:
    body = call.body
    return await _act(
        call,
        "prioritised",
        lambda connection, id_, deed: deeds.prioritise_ticket(
            connection, id_, deed, body.priority, body.reason
        ),
    )


async def link_ticket_contact(call: Call[Nothing, shapes.LinkContact]) -> shapes.TicketDetail:
    contact_id = call.body.contact_id
    linked = await _act(
        call,
        "linked",
        lambda connection, id_, deed: deeds.link_ticket_to_contact(connection, id_, contact_id, deed),
    )
    call.changed.append(contact_id)
    return linked


async def link_tickets(call: Call[Nothing, shapes.LinkTicket]) -> shapes.TicketDetail:
    other = call.body.ticket
    return await _act(
        call, "linked", lambda connection, id_, deed: deeds.link_tickets(connection, id_, other, deed)
    )


async def unlink_tickets(call: Call[Nothing, shapes.LinkTicket]) -> shapes.TicketDetail:
    other = call.body.ticket
    return await _act(
        call, "unlinked", lambda connection, id_, deed: deeds.unlink_tickets(connection, id_, other, deed)
    )


_REFUSALS = ("not_found", "refused", "conflict", "stale")

ENDPOINTS = (
    Endpoint(
        "GET",
        "/tickets",
        "agent",
        "List tickets, newest first or in the order in which to work on them",
        list_tickets,
        Page[shapes.Ticket],
        params=shapes.TicketQuery,
    ),
    Endpoint(
        "POST",
        "/tickets",
        "agent",
        "Open a ticket, or join the customer's open one about the same order",
        open_ticket,
        shapes.OpenedTicket,
        body=shapes.NewTicket,
        status=201,
        refusals=("not_found", "refused", "conflict"),
    ),
    Endpoint(
        "GET",
        "/tickets/{ticket}",
        "agent",
        "Get a ticket by id or number, with its history",
        get_ticket,
        shapes.TicketDetail,
        refusals=("not_found",),
    ),
    *(
        Endpoint(
            "POST",
            f"/tickets/{{ticket}}/{name}",
            "agent",
            summary,
            handler,
            shapes.TicketDetail,
            body=body,
            versioned=True,
            refusals=_REFUSALS,
        )
        for name, summary, handler, body in (
            ("claim", "Take a ticket, or go on with it", claim_ticket, shapes.Claim),
            ("notes", "Write a note on a ticket", add_ticket_note, shapes.TicketNote),
            ("reassign", "Give a ticket to an agent or a queue", reassign_ticket, shapes.Reassign),
            ("wait", "Let a ticket wait for somebody's answer", set_ticket_waiting, shapes.Reason),
            ("resolve", "Settle a ticket", resolve_ticket, shapes.Resolve),
            ("reopen", "Open a settled ticket again", reopen_ticket, shapes.Reason),
            ("close", "Close a settled ticket for good", close_ticket, Nothing),
            ("escalate", "Make a ticket more pressing", escalate_ticket, shapes.Reason),
            ("prioritise", "Give a ticket another priority", prioritise_ticket, shapes.Prioritise),
            ("contacts", "Note that a ticket came up in a contact", link_ticket_contact, shapes.LinkContact),
            ("link", "Note that another ticket is about the same matter", link_tickets, shapes.LinkTicket),
            ("unlink", "Note that another ticket is about something else", unlink_tickets, shapes.LinkTicket),
        )
    ),
)
