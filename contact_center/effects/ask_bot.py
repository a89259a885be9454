"""``ask_bot``: one message to the chatbot; its memory travels in the flow's session."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from bot.embedded.tracker import Tracker, encode
from bot.runtime import Message
from contact_center.bot_lab.noting import note_for_review
from contact_center.live import LiveDown
from contact_center.room import Room
from contact_center.scene import Scene
from ivr_flows.effects import AskBot

NOTE_SLOT: Final = "agent_note"
"""Where the bot finds what a person wanted it to know; a project without this slot does without."""

MINUTE: Final = 60.0


async def ask_bot(effect: AskBot, scene: Scene, room: Room) -> dict[str, Any]:
    """The bot's turn as plain values. What its actions open or change goes into the same scene, and so does
    a message that the bot did not understand, masked, for the review list.
    """
    if effect.per_minute and not await _may_ask(scene.contact.id, effect.per_minute, room):
        return {"flooded": True}
    message = Message(
        conversation_id=scene.contact.id,
        text=effect.text,
        language=effect.language,
        channel="voice" if scene.traits.speaks else scene.contact.channel,
        today=scene.at.astimezone(ZoneInfo(room.config.company.timezone)).date(),
    )
    state = noted(effect.state, effect.note) if effect.note else effect.state
    turn = await room.bot.respond(message, state, context={"scene": scene})
    note_for_review(scene, room, turn, effect.text)
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


async def _may_ask(contact_id: str, per_minute: int, room: Room) -> bool:
    """Whether the bot may hear one more message of this contact. Where live state is down it may."""
    try:
        return await room.live.rate_limit(f"bot:{contact_id}", per_minute, MINUTE)
    except LiveDown as error:
        room.announcer.live_is_down(error)
        return True


def noted(state: str, note: str) -> str:
    """The bot's state with a person's note in its slot: every runtime keeps a `Tracker` as its state."""
    try:
        tracker = msgspec.json.decode(state, type=Tracker) if state else Tracker()
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return state  # the bot begins anew with it, and says so in the log
    tracker.slots[NOTE_SLOT] = note
    return encode(tracker)
