"""What an agent does to a live call and wants to see done: the carrier first, then the note of it.

Outside a transaction (D3). Where the carrier will not, the agent is told so and nothing is noted. For work
that no carrier carries (chats, the terminal) only the note is made."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center import leg as leg_life
from contact_center.actions.connecting import CARRIED
from contact_center.carriers.base import CallCarrier, Recording
from contact_center.room import Room
from crm_store import contacts, legs
from crm_store.errors import Refused
from crm_store.legs import Leg
from crm_store.works import Work


async def set_hold(room: Room, work: Work, on: bool) -> None:
    """The customer hears music, or is back in the conversation."""
    carrier, ref = await _customer(room, work)
    if carrier is not None and ref:
        await carrier.hold(work.contact_id or "", ref, on, room.config.twilio.hold_music)


async def set_mute(room: Room, work: Work, on: bool) -> Leg | None:
    """The agent is heard no more, or again; the leg, None where there is none."""
    leg = await _agent_leg(room, work)
    if room.calls is None or leg is None or not leg.provider_ref:
        return None
    await room.calls.mute(leg.contact_id, leg.provider_ref, on)
    return leg


async def set_recording(room: Room, work: Work, what: Recording) -> None:
    """Record, pause (while a card is read out), resume, stop. Raises `Refused` where there is no call to
    record.
    """
    carrier, ref = await _customer(room, work)
    if carrier is None or not ref:
        raise Refused("there is no telephone call to record")
    await carrier.record(work.contact_id or "", ref, what)


async def set_mode(room: Room, leg: Leg, mode: str) -> None:
    """What a supervisor in the conversation may do: listen, whisper to the agent, or be heard by all
    (barge).
    """
    assert room.calls is not None
    if not leg.provider_ref:
        raise Refused("the supervisor's call is just being placed; try again in a moment")
    coached = ""
    if mode == "whisper":
        agent = await _talking(room, leg.contact_id)
        coached = agent.provider_ref or "" if agent is not None else ""
    if mode == "listen":  # silent first, and aloud last: at no moment is a whisper heard by all
        await room.calls.mute(leg.contact_id, leg.provider_ref, True)
    await room.calls.coach(leg.contact_id, leg.provider_ref, coached)
    if mode != "listen":
        await room.calls.mute(leg.contact_id, leg.provider_ref, False)


async def _customer(room: Room, work: Work) -> tuple[CallCarrier | None, str]:
    if room.calls is None or work.contact_id is None:
        return None, ""
    contact_id = work.contact_id
    contact = await room.store.read(lambda connection: contacts.get(connection, contact_id))
    return (room.calls, contact.provider_ref or "") if contact.channel in CARRIED else (None, "")


async def _agent_leg(room: Room, work: Work) -> Leg | None:
    def read(connection: Connection) -> Leg | None:
        found = legs.list_for_contact(connection, work.contact_id or "")
        mine = [leg for leg in found if leg.work_id == work.id and leg.agent_id == work.agent_id]
        return next((leg for leg in reversed(mine) if leg_life.talks(leg)), None)

    return await room.store.read(read)


async def _talking(room: Room, contact_id: str) -> Leg | None:
    def read(connection: Connection) -> Leg | None:
        found = legs.list_for_contact(connection, contact_id)
        return next((leg for leg in found if leg.role == "agent" and leg_life.talks(leg)), None)

    return await room.store.read(read)
