"""``look_up``: a customer, an order or a ticket by what the customer gave, as far as it is theirs to know."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from contact_center.people import for_templates
from contact_center.room import Room
from contact_center.scene import Scene
from crm_store import addresses, customers, orders, ticket_list, ticket_numbers, tickets
from crm_store.orders import Order
from crm_store.ticket_list import TicketFilter
from crm_store.tickets import Ticket
from ivr_flows.effects import LookUp

NOTHING: dict[str, Any] = {"found": False, "allowed": False, "record": {}}


async def look_up(effect: LookUp, scene: Scene, room: Room) -> dict[str, Any]:
    """See `LookUp` for the result. A record of another customer is found, but not told."""
    reader = {"customer": _customer, "order": _order, "ticket": _ticket}.get(effect.what)
    if reader is None:
        return NOTHING
    return await room.store.read_quick(lambda connection: reader(connection, effect, scene))


def _customer(connection: Connection, effect: LookUp, scene: Scene) -> dict[str, Any]:
    known = scene.customer
    if effect.by != "caller":
        address = addresses.parse_address(effect.value, region=None)
        if not address.matchable:
            return NOTHING
        known = customers.recognise(connection, "phone", address.value)
    if known is None:
        return NOTHING
    allowed = scene.customer is not None and scene.customer.customer_id == known.customer_id
    record = for_templates(known)
    told = {name: record[name] for name in ("name", "first_name", "language", "tier")} if allowed else {}
    return {"found": True, "allowed": allowed, "record": told}


def _order(connection: Connection, effect: LookUp, scene: Scene) -> dict[str, Any]:
    mine = scene.customer.customer_id if scene.customer else None
    if effect.by == "caller":
        order = orders.latest_for_customer(connection, mine) if mine else None
    else:
        order = orders.get_by_number(connection, effect.value)
    if order is None:
        return NOTHING
    allowed = mine is not None and order.customer_id == mine
    return {"found": True, "allowed": allowed, "record": _order_record(order) if allowed else {}}


def _order_record(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "status": order.status,
        "placed_at": order.placed_at.date().isoformat(),
        "total": f"{order.total_minor / 100:.2f}",
        "currency": order.currency,
        "items": ", ".join(item.name for item in order.items),
        "promised_at": order.promised_at.date().isoformat() if order.promised_at else "",
    }


def _ticket(connection: Connection, effect: LookUp, scene: Scene) -> dict[str, Any]:
    mine = scene.customer.customer_id if scene.customer else None
    if effect.by == "caller":
        ticket = _latest_ticket(connection, mine)
    else:
        number = ticket_numbers.parse(effect.value)
        ticket = tickets.get_by_number(connection, number) if number else None
    if ticket is None:
        return NOTHING
    allowed = ticket.customer_id is None or ticket.customer_id == mine
    return {"found": True, "allowed": allowed, "record": _ticket_record(ticket) if allowed else {}}


def _latest_ticket(connection: Connection, customer_id: str | None) -> Ticket | None:
    if customer_id is None:
        return None
    newest = ticket_list.list_tickets(connection, TicketFilter(customer_id=customer_id), limit=1).items
    return newest[0] if newest else None


def _ticket_record(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "status": ticket.status,
        "subject": ticket.subject,
        "due_at": ticket.due_at.isoformat(),
        "opened_at": ticket.opened_at.isoformat(),
    }
