"""What each kind of delivery does to a contact: one small function a kind (DESIGN D3, D6).

Every function changes the scene and answers with what the customer shall hear; the conductor commits.

Who leaves a voicemail ends it by hanging up, and the report of the end may overtake the recording. What was
under way when a customer hung up is therefore taken late: the contact stays ended and gains what
it would have had if the two had come in their order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from contact_center import contact as life
from contact_center import texting
from contact_center.channels.base import (
    CallStatus,
    Delivery,
    MessageIn,
    QueueWait,
    RecordingStatus,
    Reply,
    Take,
    Transcript,
    Trouble,
)
from contact_center.line import leave_line, look_at_line
from contact_center.replay import session_before_end
from contact_center.room import Room
from contact_center.scene import MASK, Scene
from contact_center.turns import present, run_turn
from contact_center.work import ACTIVE, WAITING
from crm_store import contacts, deliveries, messages, recordings, works
from crm_store.works import Work
from ivr_flows.inputs import AnyInput, Connected, HungUp, Picked, QueueLeft, Silent, Started, Words
from ivr_flows.instructions import HangUp, Instruction, WaitInQueue

Said = tuple[Instruction, ...]

_NEVER_ARRIVED = "112"
"""Twilio's errors of fetching a document (11200, 11205, 11210 ...): nothing of our answer was heard. Other
codes say that it was of no use, and giving it again would be of none."""


async def happen(delivery: Delivery, scene: Scene, room: Room) -> Reply:
    """Apply ``delivery`` to the scene; the reply is complete but for being sent."""
    said = await _HANDLERS[type(delivery.event)](delivery, scene, room)
    return reply_to(scene, said)


def reply_to(scene: Scene, said: Said) -> Reply:
    """The reply that tells the channel ``said``, and the messages the scene has composed."""
    return Reply(
        contact_id=scene.contact.id,
        turn=scene.contact.turn,
        language=scene.session.language,
        instructions=said,
        messages=tuple(scene.messages),
    )


async def _take(delivery: Delivery, scene: Scene, room: Room) -> Said:
    event = delivery.event
    assert isinstance(event, Take)
    given, contact = event.input, scene.contact
    if contact.state == life.ENDED and _was_under_way(delivery, given, scene):
        return await _late(given, scene, room)
    stale = delivery.turn is not None and delivery.turn != contact.turn
    with_agent = life.is_with_agent(contact)
    if isinstance(given, QueueLeft) and (stale or not (contact.state == life.WAITING or with_agent)):
        return await _owed(scene, room)
    if contact.state == life.ENDED:
        return (HangUp("over"),)
    if contact.owner == "agent" and not isinstance(given, QueueLeft):
        return await _while_talking(given, scene, room)
    if event.unless_talking and with_agent and await _talks(scene, room):
        return present(scene, room)
    if scene.session.waiting == "start":
        if not isinstance(given, Started):
            await run_turn(scene, Started(), room)
        return await _turn(scene, given, room)
    if isinstance(given, Started) or stale:
        if not scene.traits.speaks:
            await texting.take_from_agent(scene, room)
        return present(scene, room)
    if isinstance(given, QueueLeft):
        await leave_line(scene, room, _WORK_ENDS.get(given.reason, "left"))
    _note_person(given, scene)
    return await _turn(scene, given, room)


_WORK_ENDS = {"answered": "handled", "timed_out": "timed_out"}
"""What comes of work by the reason for which its contact left the queue; anything else is ``left``."""


async def _while_talking(given: AnyInput, scene: Scene, room: Room) -> Said:
    """The customer is with an agent: the flow hears nothing, and what is typed is for the agent (DESIGN
    D6).
    """
    if not scene.traits.speaks:
        if isinstance(given, Words):
            _message_for_agent(scene, room, given.text)
        await texting.take_from_agent(scene, room)
    return present(scene, room)


async def _talks(scene: Scene, room: Room) -> bool:
    """Whether the contact's agent is still in the conversation."""
    contact_id = scene.contact.id
    work = await room.store.read_quick(lambda connection: works.open_for_contact(connection, contact_id))
    return work is not None and work.state == ACTIVE


def _message_for_agent(scene: Scene, room: Room, text: str) -> None:
    """On channels without messages of their own (the terminal's chat): kept as a message, shown to the
    agent.
    """
    message_id = room.ids.new("msg")
    scene.insert("messages", messages.inbound_row(message_id, scene.contact.id, text, scene.at))
    scene.journal("message_in", {"message_id": message_id})
    texting.tell_agent(scene, room, message_id, text)


def _note_person(given: AnyInput, scene: Scene) -> None:
    """Where a person has talked to the customer, that is what came of the contact."""
    if isinstance(given, QueueLeft) and scene.contact.state == life.WAITING:
        _note_wait(scene, given.reason)
    if (isinstance(given, QueueLeft) and given.reason == "answered") or (
        isinstance(given, Connected) and given.outcome == "answered"
    ):
        scene.change(life.achieved(scene.contact, "answered"))


def _note_wait(scene: Scene, reason: str) -> None:
    contact = scene.contact
    waited = (scene.at - (contact.queued_at or scene.at)).total_seconds()
    scene.journal("queue_left", {"queue": contact.queue, "reason": reason, "waited": round(waited, 1)})


async def _owed(scene: Scene, room: Room) -> Said:
    """What the customer was to hear in the present turn and has not: the page of a queue could only say
    that they leave it, or our answer never arrived."""
    contact_id, turn = scene.contact.id, scene.contact.turn
    stored = await room.store.read_quick(
        lambda connection: deliveries.reply_for(connection, contact_id, turn)
    )
    said = () if stored is None else msgspec.json.decode(stored, type=Reply).instructions
    return said or present(scene, room)


def _was_under_way(delivery: Delivery, given: AnyInput, scene: Scene) -> bool:
    """Whether ``given`` answers the very wait at which the customer hung up: see the module."""
    if scene.session.phase != "hung_up" or isinstance(given, Silent):
        return False
    last = scene.contact.turn - 1  # the hanging up was a turn of its own
    return last == 0 if isinstance(given, Started) and delivery.turn is None else delivery.turn == last


async def _late(given: AnyInput, scene: Scene, room: Room) -> Said:
    """Take ``given`` as if it had come before the end: see the module."""
    ended = scene.contact
    before = await session_before_end(room, ended, scene.flows.flows)
    if before is None or (isinstance(given, Started) != (before.waiting == "start")):
        return (HangUp("over"),)
    scene.session = before
    waited_at = present(scene, room)
    scene.change(life.reopened(ended, waited_at[-1] if waited_at else None))
    _note_person(given, scene)
    await run_turn(scene, given, room, late=True)
    if scene.contact.state != life.ENDED:
        if ended.outcome == "unknown" and not scene.contact.outcome:
            scene.change({"outcome": "unknown"})
        await run_turn(scene, HungUp(ended.end_reason), room)
    scene.change({"ended_at": ended.ended_at})
    return (HangUp("over"),)


async def _turn(scene: Scene, given: Any, room: Room) -> Said:
    """A turn that always leaves the customer with something to hear."""
    said = await run_turn(scene, given, room)
    if scene.contact.state == life.ENDED:
        _count_end(scene, room)
    if not scene.traits.speaks:
        await texting.answer(scene, said, room)
        return said
    return said or present(scene, room)


def _count_end(scene: Scene, room: Room) -> None:
    channel, outcome = scene.contact.channel, scene.contact.outcome
    scene.after_commit.append(lambda: room.metrics.end_contact(channel, outcome))


async def _message_in(delivery: Delivery, scene: Scene, room: Room) -> Said:
    event = delivery.event
    assert isinstance(event, MessageIn)
    message_id = room.ids.new("msg")
    media = tuple(messages.Media(item.url, item.content_type) for item in event.media)
    row = messages.inbound_row(
        message_id, scene.contact.id, event.text, scene.at, ref=event.provider_ref, media=media
    )
    scene.insert("messages", row)
    data: dict[str, Any] = {"message_id": message_id}
    if event.media:
        data["media"] = len(event.media)
    scene.journal("message_in", data)
    if event.consent:
        return await texting.consent(event, scene, room)
    if scene.contact.owner == "agent":
        texting.tell_agent(scene, room, message_id, event.text)
        return ()
    given = Picked(event.picked) if event.picked else Words(event.text)
    if scene.session.waiting == "start":
        return await _turn(scene, Started(), room)
    if scene.contact.state == life.ENDED:
        return ()
    said = await _turn(scene, given, room)
    if scene.masked:
        row["text"] = MASK
    return said


async def _call_status(delivery: Delivery, scene: Scene, room: Room) -> Said:
    event = delivery.event
    assert isinstance(event, CallStatus)
    late = scene.contact.state == life.ENDED
    data: dict[str, Any] = {"status": event.status}
    if event.sequence is not None:
        data["sequence"] = event.sequence
    if event.seconds is not None:
        data["seconds"] = event.seconds
    if late:
        data["late"] = True
    scene.journal("call_status", data)
    if event.status == "completed" and not event.final:  # a leg that we dialled, and that was answered
        scene.change(life.achieved(scene.contact, "answered"))
    if event.final and not late:
        await hang_up(scene, "customer" if event.status == "completed" else event.status, room)
    return ()


async def hang_up(scene: Scene, reason: str, room: Room, outcome: str = "") -> None:
    """The customer (or the provider) has ended it: the session ends, and the outcome is what it was for."""
    if outcome and not scene.contact.outcome:
        scene.change({"outcome": outcome})
    if scene.contact.state == life.WAITING:
        _note_wait(scene, "abandoned")
    if scene.contact.state in (life.WAITING, life.CONNECTED):
        await leave_line(scene, room, "abandoned")
    await run_turn(scene, HungUp(reason), room)
    _count_end(scene, room)


async def _queue_wait(delivery: Delivery, scene: Scene, room: Room) -> Said:
    event = delivery.event
    assert isinstance(event, QueueWait)
    contact = scene.contact
    if contact.state == life.WAITING and contact.queue is not None and contact.queued_at is not None:
        place = await room.store.read_quick(
            lambda connection: contacts.position_in_queue(connection, contact)
        )
        await look_at_line(scene, room, contact.queue, place)
    said = present(scene, room)
    waiting = said[-1] if said else None
    if scene.contact.state != life.WAITING or not isinstance(waiting, WaitInQueue):
        return said
    if event.waited is not None and event.waited < waiting.max_wait:
        return said
    work = await room.store.read_quick(lambda connection: works.open_for_contact(connection, contact.id))
    if _waited(event, work, scene) < waiting.max_wait:
        return said
    if work is not None and work.state != WAITING:
        return said  # an agent has just been asked, or has said yes: nobody is sent away at that moment
    return await _turn(scene, Silent(), room)


def _waited(event: QueueWait, work: Work | None, scene: Scene) -> float:
    """Seconds in this line: as the provider counts them, else since the work came into it."""
    if event.waited is not None:
        return event.waited
    since = work.entered_at if work is not None else scene.contact.queued_at
    return (scene.at - (since or scene.at)).total_seconds()


async def _recording_status(delivery: Delivery, scene: Scene, room: Room) -> Said:
    event = delivery.event
    assert isinstance(event, RecordingStatus)
    scene.journal(
        "recording", {"recording_id": event.provider_ref, "status": event.status, "seconds": event.seconds}
    )
    report = recordings.RecordingReport(
        contact_id=scene.contact.id,
        provider_ref=event.provider_ref,
        status=event.status,
        purpose=event.purpose,
        url=event.url,
        seconds=event.seconds,
        started_at=event.started_at,
    )
    _keep_recording(scene, report, room)
    return ()


def _keep_recording(scene: Scene, report: recordings.RecordingReport, room: Room) -> None:
    at, ids = scene.at, room.ids
    scene.call(lambda connection: recordings.upsert(connection, report, at, ids))


async def _transcript(delivery: Delivery, scene: Scene, room: Room) -> Said:
    event = delivery.event
    assert isinstance(event, Transcript)
    if not event.final:
        return ()
    scene.journal(
        "transcript", {"text": event.text, "track": event.track, "recording_id": event.provider_ref}
    )
    if event.provider_ref:
        _keep_recording(
            scene,
            recordings.RecordingReport(
                contact_id=scene.contact.id, provider_ref=event.provider_ref, transcript=event.text
            ),
            room,
        )
    return ()


async def _trouble(delivery: Delivery, scene: Scene, room: Room) -> Said:
    event = delivery.event
    assert isinstance(event, Trouble)
    scene.journal("trouble", {"code": event.code})
    if scene.contact.state == life.ENDED:
        return (HangUp("over"),)
    if scene.session.waiting == "start":
        return await _turn(scene, Started(), room)
    if event.code.startswith(_NEVER_ARRIVED):
        return await _owed(scene, room)
    return present(scene, room)


_HANDLERS: dict[type, Callable[[Delivery, Scene, Room], Awaitable[Said]]] = {
    Take: _take,
    MessageIn: _message_in,
    CallStatus: _call_status,
    QueueWait: _queue_wait,
    RecordingStatus: _recording_status,
    Transcript: _transcript,
    Trouble: _trouble,
}
