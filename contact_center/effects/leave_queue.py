"""``leave_queue``: out of line, by choice or because the wait was too long."""

from __future__ import annotations

from typing import Any

from contact_center import contact as life
from contact_center.line import leave_line
from contact_center.room import Room
from contact_center.scene import Scene
from ivr_flows.effects import LeaveQueue


async def leave_queue(effect: LeaveQueue, scene: Scene, room: Room) -> dict[str, Any]:
    """The contact keeps its first `queued_at`: a callback or another line counts from there."""
    contact = scene.contact
    waited = (scene.at - (contact.queued_at or scene.at)).total_seconds()
    scene.journal("queue_left", {"queue": contact.queue, "reason": effect.reason, "waited": round(waited, 1)})
    scene.change(life.left_queue())
    await leave_line(scene, room, "timed_out" if effect.reason == "timed_out" else "left")
    return {}
