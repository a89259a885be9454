"""``open_ticket``: a complaint (or request) becomes a ticket in the turn's own transaction."""

from __future__ import annotations

from typing import Any

from contact_center import contact as life
from contact_center.room import Room
from contact_center.scene import Scene
from contact_center.ticketing import Complaint, plan_ticket
from crm_store import ticket_numbers
from ivr_flows.effects import OpenTicket


async def open_ticket(effect: OpenTicket, scene: Scene, room: Room) -> dict[str, Any]:
    """Opens, or joins the open ticket about the same order; see `plan_ticket`."""
    complaint = Complaint(
        category=effect.category,
        subject=scene.mask(effect.subject),
        description=scene.mask(effect.description),
        order_number=effect.order_number,
        severity=effect.severity,
        contact_back=effect.contact_back or scene.contact.from_address,
        queue=effect.queue or room.config.tickets.queue,
    )
    prepared = await plan_ticket(complaint, scene, room)
    ticket = prepared.ticket
    scene.journal(
        "ticket_joined" if prepared.joined else "ticket_opened",
        {"ticket_id": ticket.id, "number": ticket.number, "severity": ticket.severity},
    )
    scene.change(life.achieved(scene.contact, "ticket"))
    if not prepared.joined:
        scene.after_commit.append(lambda: room.metrics.open_ticket(ticket.severity))
    return {
        "number": ticket_numbers.format_number(ticket.number),
        "spoken_number": ticket_numbers.spoken(ticket.number, scene.session.language),
        "joined": prepared.joined,
        "priority": ticket.priority,
        "due_at": ticket.due_at.isoformat(),
    }
