"""What the chatbot may do in the engine: look up an order or a ticket, open a complaint (in that turn)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.runtime import ActionResult, SlotValue
from contact_center.effects.look_up import look_up
from contact_center.effects.open_ticket import open_ticket
from contact_center.effects.ticket_status import ticket_status
from contact_center.room import Room
from contact_center.scene import Scene
from crm_store.tickets import SEVERITIES
from ivr_flows.effects import LookUp, OpenTicket, TicketStatus

Slots = Mapping[str, SlotValue]


class BotActions:
    """An `ActionRunner` over the scene that the caller hands through the bot as ``context["scene"]``.

    ``room`` is set by the application once both exist.
    """

    def __init__(self) -> None:
        self.room: Room | None = None
        self._actions: dict[str, Callable[[Slots, Scene, Room], Awaitable[ActionResult]]] = {
            "action_order_status": _order_status,
            "action_ticket_status": _ticket_status,
            "action_open_complaint": _open_complaint,
        }

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._actions)

    async def run(self, action: str, slots: Slots, context: Mapping[str, object]) -> ActionResult:
        """Carry out ``action`` in the scene of the turn under way."""
        scene = context.get("scene")
        if not isinstance(scene, Scene) or self.room is None:
            raise RuntimeError(f"the bot's {action} was called outside a contact's turn")
        return await self._actions[action](slots, scene, self.room)


def _text(slots: Slots, name: str) -> str:
    value = slots.get(name)
    return "" if value is None else str(value)


async def _order_status(slots: Slots, scene: Scene, room: Room) -> ActionResult:
    found = await look_up(LookUp("order", "number", _text(slots, "order_number")), scene, room)
    if not found["found"]:
        return ActionResult({"order_lookup": "not_found"})
    if not found["allowed"]:
        return ActionResult({"order_lookup": "not_allowed"})
    return ActionResult({"order_lookup": "found", "order_state": str(found["record"]["status"])})


async def _ticket_status(slots: Slots, scene: Scene, room: Room) -> ActionResult:
    found = await ticket_status(TicketStatus(_text(slots, "ticket_number")), scene, room)
    if not found["found"]:
        return ActionResult({"ticket_lookup": "not_found"})
    return ActionResult({"ticket_lookup": "found", "ticket_state": str(found["status"])})


async def _open_complaint(slots: Slots, scene: Scene, room: Room) -> ActionResult:
    what, order, reach = (_text(slots, name) for name in ("complaint_what", "order_number", "reach"))
    severity = _text(slots, "severity")
    opened = await open_ticket(
        OpenTicket(
            category="complaint",
            subject=what[:120],
            description=what,
            order_number="" if order == "none" else order,
            severity=severity if severity in SEVERITIES else "normal",
            contact_back="" if reach == "same" else reach,
        ),
        scene,
        room,
    )
    result = "joined" if opened["joined"] else "opened"
    return ActionResult({"complaint_result": result, "complaint_number": str(opened["number"])})
