"""What the bot's actions find when somebody tries it in a terminal: the store's orders and tickets, as they
are; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.engine import Connection

from bot.runtime import ActionResult, SlotValue
from crm_store import orders, ticket_numbers, tickets
from crm_store.store import Store

PRETENDED_NUMBER: Final = "00000000"
"""The number of a complaint that is only pretended; its check digit is wrong."""

Slots = Mapping[str, SlotValue]


class LookingActions:
    """An `ActionRunner` over a store, for whoever is at the keyboard: every order is told."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._actions: dict[str, Callable[[Connection, Slots], ActionResult]] = {
            "action_order_status": _order_status,
            "action_ticket_status": _ticket_status,
            "action_open_complaint": _open_complaint,
        }

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._actions)

    async def run(self, action: str, slots: Slots, context: Mapping[str, object]) -> ActionResult:
        """Carry out ``action``, but for what it would write."""
        with self._store.reading() as connection:
            return self._actions[action](connection, slots)


def _order_status(connection: Connection, slots: Slots) -> ActionResult:
    order = orders.get_by_number(connection, str(slots.get("order_number") or ""))
    if order is None:
        return ActionResult({"order_lookup": "not_found"})
    return ActionResult({"order_lookup": "found", "order_state": order.status})


def _ticket_status(connection: Connection, slots: Slots) -> ActionResult:
    number = ticket_numbers.parse(str(slots.get("ticket_number") or ""))
    ticket = tickets.get_by_number(connection, number) if number else None
    if ticket is None:
        return ActionResult({"ticket_lookup": "not_found"})
    return ActionResult({"ticket_lookup": "found", "ticket_state": ticket.status})


def _open_complaint(_connection: Connection, _slots: Slots) -> ActionResult:
    return ActionResult({"complaint_result": "opened", "complaint_number": PRETENDED_NUMBER})
