"""A typing sign for the customer of a chat: told to the browsers that are open, kept nowhere."""

from __future__ import annotations

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.chat.hub import CHAT, Wakes, encode
from contact_center.live import LiveDown
from crm_store import chats, contacts


async def tell_typing(call: Call[Nothing, Nothing]) -> None:
    contact = await call.read(lambda connection: contacts.get(connection, call.path["contact_id"]))
    mine = call.caller.agent_id is not None and contact.agent_id == call.caller.agent_id
    if contact.channel != chats.CHANNEL or not mine or contact.owner != "agent":
        return
    try:
        await call.room.live.publish(CHAT, encode(Wakes(typing=(contact.id,))))
    except LiveDown as error:
        call.room.announcer.live_is_down(error)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/contacts/{contact_id}/typing",
        "agent",
        "Show the customer of a web chat that you are typing",
        tell_typing,
        None,
        status=204,
        refusals=("not_found",),
        secret=True,  # nothing to answer again: a sign that comes twice is one
        description="Nothing is shown for other channels, or where the caller does not have the contact.",
    ),
)
