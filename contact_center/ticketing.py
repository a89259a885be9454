"""From a complaint to a ticket: priority, due time and number are settled before the commit."""

from __future__ import annotations

from dataclasses import dataclass

from contact_center.room import Room
from contact_center.scene import Scene
from contact_center.ticket import due_at, priority, rules_of
from crm_store import ticket_numbers, tickets
from crm_store.tickets import NewTicket, Prepared
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
    return prepared
