"""``ask_bot``: one message to the chatbot; its memory travels in the flow's session."""

from __future__ import annotations

from typing import Any

from bot.runtime import Message
from contact_center.room import Room
from contact_center.scene import Scene
from ivr_flows.effects import AskBot


async def ask_bot(effect: AskBot, scene: Scene, room: Room) -> dict[str, Any]:
    """The bot's turn as plain values. What its actions open or change goes into the same scene."""
    message = Message(
        conversation_id=scene.contact.id,
        text=effect.text,
        language=effect.language,
        channel="voice" if scene.traits.speaks else scene.contact.channel,
    )
    turn = await room.bot.respond(message, effect.state, context={"scene": scene})
    return {
        "replies": [
            {
                "text": reply.text,
                "buttons": [{"title": item.title, "payload": item.payload} for item in reply.buttons],
            }
            for reply in turn.replies
        ],
        "intent": turn.intent,
        "confidence": turn.confidence,
        "slots": dict(turn.slots),
        "handoff": turn.handoff,
        "handoff_reason": turn.handoff_reason,
        "closed": turn.closed,
        "state": turn.state,
    }
