"""What the chatbot may do in the engine: look up an order or a ticket, open a complaint (in that turn)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.runtime import ActionResult, SlotValue
from contact_center.effects.look_up import look_up
from contact_center.effects.open_ticket import open_ticket
from contact_center.effects.ticket_status import ticket_status
from contact_center.room import Room
from contact_center.scene import Scene
from crm_store.tickets import SEVERITIES
from ivr_flows.effects import LookUp, OpenTicket, TicketStatus

Slots = Mapping[str, SlotValue]


@dataclass(frozen=True, slots=True)
class _UnderWay:
    scene: Scene
    actions: dict[str, asyncio.Task[ActionResult]] = field(default_factory=dict)


class BotActions:
    """An `ActionRunner` over the scene that the caller hands through the bot as ``context["scene"]``.

    ``room`` is set by the application once both exist. A bot in another process cannot be handed a
    scene: while its turn is open (`turn`), `run_under_way` finds it by the conversation.
    """

    def __init__(self) -> None:
        self.room: Room | None = None
        self._under_way: dict[str, _UnderWay] = {}
        self._actions: dict[str, Callable[[Slots, Scene, Room], Coroutine[Any, Any, ActionResult]]] = {
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
        open_turn = self._under_way.get(scene.contact.id)
        if open_turn is None or open_turn.scene is not scene:
            return await self._actions[action](slots, scene, self.room)
        task = open_turn.actions.get(action)
        if task is None:
            task = asyncio.create_task(self._actions[action](slots, scene, self.room))
            open_turn.actions[action] = task
        return await asyncio.shield(task)

    @contextmanager
    def turn(self, scene: Scene) -> Iterator[None]:
        """As long as this is open, actions may be run in the scene from outside, each of them once: where
        a server answers too late, the embedded bot takes the same turn again in this scene. What is still
        running at the end is cancelled, since the scene then goes on to be committed or thrown away."""
        open_turn = _UnderWay(scene)
        self._under_way[scene.contact.id] = open_turn
        try:
            yield
        finally:
            del self._under_way[scene.contact.id]
            for task in open_turn.actions.values():
                task.cancel()

    async def run_under_way(self, action: str, slots: Slots, conversation_id: str) -> ActionResult:
        """Carry out ``action`` in the open turn of the conversation. Raises `LookupError` where none is."""
        open_turn = self._under_way[conversation_id]
        return await self.run(action, slots, {"scene": open_turn.scene})


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
