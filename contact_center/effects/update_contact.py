"""``update_contact``: what the flow learnt of the contact goes into its row."""

from __future__ import annotations

from typing import Any

from contact_center.room import Room
from contact_center.scene import Scene
from ivr_flows.effects import UpdateContact


async def update_contact(effect: UpdateContact, scene: Scene, room: Room) -> dict[str, Any]:
    """Language, reason and tags; tags are added once each, in the order they came."""
    changes: dict[str, Any] = {}
    if effect.language:
        changes["language"] = effect.language
    if effect.reason:
        changes["reason"] = scene.mask(effect.reason)[:200]
    new = tuple(tag[:60] for tag in effect.tags if tag not in scene.contact.tags)
    if new:
        changes["tags"] = (*scene.contact.tags, *dict.fromkeys(new))
    if changes:
        scene.change(changes)
        scene.journal("contact_updated", changes)
    return {}
