"""Tickets as work: a ticket that nobody has waits in its queue like a call does, and follows what people do
to it.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from contact_center import work as life
from contact_center.actions.act import Act
from contact_center.actions.talk import cancel_work, finish, requeue
from crm_store import customers, schema, tickets, works
from crm_store.tickets import Ticket
from crm_store.works import Work

POINTS = 5
"""Points of priority in line for each step of a ticket's own priority (4 is the least)."""


def points_of(ticket: Ticket) -> int:
    """A ticket's priority as routing counts: more goes first."""
    return (4 - ticket.priority) * POINTS


def work_of(
    ticket: Ticket, work_id: str, *, tier: str = "", owners: tuple[str, ...] = (), language: str = ""
) -> Work:
    """The work that a new ticket is; its place in line is that of its contact's first second."""
    return Work(
        id=work_id,
        kind="ticket",
        ticket_id=ticket.id,
        queue=ticket.queue,
        priority=points_of(ticket),
        language=language,
        tier=tier,
        owners=owners,
        reason=ticket.subject[:200],
        queued_at=ticket.opened_at,
        entered_at=ticket.updated_at,
    )


def changing(act: Act, ticket_id: str, change: Callable[[], Ticket]) -> Ticket:
    """Run ``change`` of a ticket and let its work follow; the ticket as it then is."""
    after = change()
    follow(act, after)
    return tickets.get(act.connection, ticket_id)


def follow(act: Act, ticket: Ticket) -> None:
    """Bring the work of a ticket in line with how the ticket stands now."""
    work = works.open_for_ticket(act.connection, ticket.id)
    if ticket.status == "open" and ticket.assignee_id is None:
        if _is_queue(act, ticket.queue):
            _wait(act, ticket, work)
        return
    if work is None:
        return
    if work.state == life.WRAP_UP:
        finish(act, work, ticket.status)
    elif not (
        ticket.status == "in_progress" and work.agent_id == ticket.assignee_id and work.state == life.ACTIVE
    ):
        cancel_work(act, work, "handled")


def _wait(act: Act, ticket: Ticket, work: Work | None) -> None:
    if work is None:
        act.add_work(_new(act, ticket))
        return
    if work.state == life.WAITING:
        changes: dict[str, object] = {}
        if work.queue != ticket.queue:
            changes |= life.moved(ticket.queue, act.at)
        if work.priority != points_of(ticket):
            changes["priority"] = points_of(ticket)
        act.change_work(work, changes)
    elif work.queue != ticket.queue or work.state != life.OFFERED:
        requeue(act, work, "reassigned", queue=ticket.queue, passing=False)


def _new(act: Act, ticket: Ticket) -> Work:
    tier, language = "", ""
    owners: tuple[str, ...] = ()
    if ticket.customer_id:
        customer = customers.get(act.connection, ticket.customer_id)
        tier, language = customer.tier, customer.language.partition("-")[0]
        owners = (customer.owner_id,) if customer.owner_id else ()
    return work_of(ticket, act.ids.new("wrk"), tier=tier, owners=owners, language=language)


def _is_queue(act: Act, name: str) -> bool:
    queues = schema.queues.c
    return act.connection.execute(sa.select(queues.id).where(queues.name == name)).first() is not None
