"""From a complaint to a ticket: priority, due time and number are settled before the commit."""

from __future__ import annotations

from dataclasses import dataclass

from contact_center.actions.tickets import work_of
from contact_center.announcing import Told
from contact_center.room import Room
from contact_center.scene import Scene
from contact_center.ticket import due_at, priority, rules_of
from crm_store import ticket_numbers, tickets, works
from crm_store.tickets import NewTicket, Prepared, Ticket
from ivr_flows.calendar import ALWAYS_OPEN


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What the customer said, or the flow collected."""

    category: str
    subject: str
    description: str = ""
    order_number: str = ""
    severity: str = "normal"
    contact_back: str = ""
    queue: str = ""


async def plan_ticket(complaint: Complaint, scene: Scene, room: Room) -> Prepared:
    """Decide between opening and joining, and put the writing into the scene.

    The number that the customer is told is the one committed: where somebody else opened or changed that
    ticket meanwhile, the commit is a `Conflict` and the turn runs again.
    The SLA counts from the contact's first second.
    """
    customer = scene.customer
    rank = priority(complaint.severity, customer.tier if customer else "standard")
    calendar = room.calendars.get(room.config.tickets.calendar, ALWAYS_OPEN)
    due = due_at(
        complaint.severity, scene.contact.started_at, calendar, rules_of(room.config.tickets.sla_hours)
    )
    new = NewTicket(
        category=complaint.category,
        subject=complaint.subject[:300],
        description=complaint.description,
        severity=complaint.severity,
        priority=rank,
        queue=complaint.queue,
        contact_back=complaint.contact_back,
        order_number=complaint.order_number,
        customer_id=customer.customer_id if customer else None,
        contact_id=scene.contact.id,
        opened_at=scene.contact.started_at,
        due_at=due,
    )
    at, ids = scene.at, room.ids
    prepared = await room.store.read_quick(
        lambda connection: tickets.prepare(connection, new, at, ids, lambda: ticket_numbers.draw(room.random))
    )
    scene.call(prepared.write)
    if not prepared.joined:
        _stand_in_line(prepared.ticket, scene, room)
    return prepared


def _stand_in_line(ticket: Ticket, scene: Scene, room: Room) -> None:
    """A new ticket waits for an agent, where its queue is one of ours."""
    if ticket.queue not in room.policies:
        return
    customer = scene.customer
    owners = (customer.owner_id,) if customer is not None and customer.owner_id else ()
    tier = customer.tier if customer is not None else ""
    language = scene.session.language.partition("-")[0]
    work = work_of(ticket, room.ids.new("wrk"), tier=tier, owners=owners, language=language)
    scene.call(lambda connection: works.insert(connection, work))  # behind the ticket's own row
    told = Told()
    told.work(None, work)
    scene.after_commit.append(lambda: room.announcer.tell(told))
