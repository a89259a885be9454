"""``ticket_status``: what became of a ticket, told to whoever has its number."""

from __future__ import annotations

from typing import Any

from contact_center.room import Room
from contact_center.scene import Scene
from crm_store import ticket_numbers, tickets
from ivr_flows.effects import TicketStatus


async def ticket_status(effect: TicketStatus, scene: Scene, room: Room) -> dict[str, Any]:
    """Status, due time and subject; a number whose check digit is wrong is not looked up at all.

    The number is the key (it is told only to who opened the ticket), so nothing of the person, the
    description or the notes is told.
    """
    number = ticket_numbers.parse(effect.number)
    if number is None:
        return {"found": False}
    ticket = await room.store.read_quick(lambda connection: tickets.get_by_number(connection, number))
    if ticket is None:
        return {"found": False}
    return {
        "found": True,
        "number": ticket_numbers.format_number(ticket.number),
        "spoken_number": ticket_numbers.spoken(ticket.number, scene.session.language),
        "status": ticket.status,
        "due_at": ticket.due_at.isoformat(),
        "subject": ticket.subject,
    }
