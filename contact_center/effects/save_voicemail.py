"""``save_voicemail``: a message left for a queue becomes a ticket that somebody answers."""

from __future__ import annotations

from typing import Any

from contact_center import contact as life
from contact_center.room import Room
from contact_center.scene import Scene
from contact_center.ticketing import Complaint, plan_ticket
from crm_store import ticket_numbers
from ivr_flows.effects import SaveVoicemail


async def save_voicemail(effect: SaveVoicemail, scene: Scene, room: Room) -> dict[str, Any]:
    """The recording's own row is written when the provider reports it; the ticket points at it."""
    text = scene.mask(effect.text)
    prepared = await plan_ticket(
        Complaint(
            category="voicemail",
            subject="Voicemail" if scene.session.language != "zh" else "语音留言",
            description=text or effect.recording_id,
            severity="normal",
            contact_back=scene.contact.from_address,
            queue=effect.queue,
        ),
        scene,
        room,
    )
    ticket = prepared.ticket
    scene.journal(
        "voicemail",
        {"recording_id": effect.recording_id, "text": text, "seconds": effect.seconds, "queue": effect.queue},
    )
    scene.journal("ticket_opened", {"ticket_id": ticket.id, "number": ticket.number})
    scene.change(life.achieved(scene.contact, "voicemail"))
    return {"ticket_number": ticket_numbers.format_number(ticket.number)}
