"""``enter_queue``: in line for an agent, where the line takes contacts now."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from contact_center import contact as life
from contact_center.line import look_at_line, stand_in_line, told_of
from contact_center.room import Room
from contact_center.scene import Scene
from crm_store import contacts, queues
from crm_store.queues import Queue
from ivr_flows.calendar import ALWAYS_OPEN
from ivr_flows.effects import EnterQueue


async def enter_queue(effect: EnterQueue, scene: Scene, room: Room) -> dict[str, Any]:
    """Refused with ``unknown``, ``closed`` or ``full``; else the place in line, from 1."""

    def read(connection: Connection) -> tuple[Queue, int] | None:
        queue = queues.find(connection, effect.queue)
        return None if queue is None else (queue, contacts.queue_length(connection, queue.name))

    found = await room.store.read_quick(read)
    if found is None:
        return _refused(scene, effect, "unknown")
    queue, length = found
    if not room.calendars.get(queue.calendar, ALWAYS_OPEN).is_open(scene.at):
        return _refused(scene, effect, "closed")
    if length >= queue.max_length:
        return _refused(scene, effect, "full")
    scene.change(life.entered_queue(scene.contact, queue.name, effect.priority, scene.at))
    contact = scene.contact
    position = await room.store.read_quick(lambda connection: contacts.position_in_queue(connection, contact))
    if effect.reason:
        scene.change({"reason": scene.mask(effect.reason)[:200]})
    work = await stand_in_line(scene, room, queue, effect)
    scene.journal("queued", told_of(work) | {"position": position})
    wait = await look_at_line(scene, room, queue.name, position)
    return {"entered": True, "reason": "", "position": position, "expected_wait": wait}


def _refused(scene: Scene, effect: EnterQueue, reason: str) -> dict[str, Any]:
    scene.journal("queue_left", {"queue": effect.queue, "reason": reason, "waited": 0})
    return {"entered": False, "reason": reason, "position": 0, "expected_wait": None}
