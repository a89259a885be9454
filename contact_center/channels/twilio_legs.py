"""What Twilio tells of the parties to a conversation: of their calls, of the conference, of who answered.

    agent_leg      how a call that we placed by REST stands   initiated ringing answered completed failed
    conference     what happens in the conference             joined left held ... room_ended
    amd            whether a person answered                  human machine

All three name the contact (``c``) and, where it is one party's, the leg (``l``) in our own URL. The
conference's callback is set by whoever comes first and ignored for all others
(twilio.com/docs/voice/twiml/conference), so there the party is the ParticipantLabel, which is the leg's id.
Nothing is promised about order: the conference counts its events in SequenceNumber; a call's progress is told
by words that only ever go one way.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from contact_center.channels.base import BadDelivery, Delivery, LegEvent
from contact_center.channels.twilio_request import Request, identifier, whole

log = structlog.get_logger(__name__)

CUSTOMER = "customer"
"""The label of the customer's own call in a conference."""

OTHER = "other"

_FAILURES = {"busy": "busy", "no-answer": "no_answer", "failed": "failed", "canceled": "canceled"}

_PROGRESS = {
    "queued": "initiated",
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "answered",
    "answered": "answered",
    "completed": "completed",
} | dict.fromkeys(_FAILURES, "failed")

_CONFERENCE = {
    "participant-join": "joined",
    "participant-leave": "left",
    "participant-hold": "held",
    "participant-unhold": "unheld",
    "participant-mute": "muted",
    "participant-unmute": "unmuted",
    "conference-end": "room_ended",
    "conference-start": OTHER,
    "participant-modify": OTHER,
    "participant-speech-start": OTHER,
    "participant-speech-stop": OTHER,
    "announcement-end": OTHER,
    "announcement-fail": OTHER,
}

_LEFT = {
    "participant_hung_up": "hung_up",
    "participant_updated_via_api": "by_us",
    "conference_ended_via_api": "by_us",
    "moderator_ended_conference": "room_ended",
}
"""ReasonParticipantLeft as our reason; ``participant_add_failed`` is a failure, see `_left`."""

_ANSWERED_BY = {
    "human": "human",
    "unknown": "human",  # rather a silent person than a person hung up on
    "fax": "machine",
    "machine_start": "machine",
    "machine_end_beep": "machine",
    "machine_end_silence": "machine",
    "machine_end_other": "machine",
}


def agent_leg(request: Request) -> Delivery:
    """How a call into a conversation stands."""
    sid, status, leg_id = request.sid("CallSid"), request.get("CallStatus"), _leg(request)
    change = _known(_PROGRESS, status, "CallStatus")
    event = LegEvent(
        leg_id,
        change,
        _FAILURES.get(status, ""),
        provider_ref=sid,
        seconds=whole(request.get("CallDuration")) if change == "completed" else None,
    )
    return _delivery(request, event, sid, status, request.get("SequenceNumber"))


def conference(request: Request) -> Delivery:
    """What happens in a conference; that somebody whom we called never came is told here, too."""
    sid, word = request.sid("ConferenceSid"), request.get("StatusCallbackEvent")
    change, number = _known(_CONFERENCE, word, "StatusCallbackEvent"), request.get("SequenceNumber")
    whole_room = word.startswith("conference-")
    label = "" if whole_room else identifier(request.get("ParticipantLabel"))
    change, reason = _left(request) if change == "left" else (change, "")
    event = LegEvent(
        label,
        change,
        reason,
        sequence=whole(number),
        provider_ref="" if whole_room else request.maybe_sid("CallSid"),
        held=_flag(request, "Hold"),
        muted=_flag(request, "Muted"),
        room_ref=sid,
    )
    return _delivery(request, event, sid, number, word[:40], label)


def answered_by(request: Request) -> Delivery:
    """Whether a person answered (AMD); without a sure answer it was one."""
    sid, word, leg_id = request.sid("CallSid"), request.get("AnsweredBy"), _leg(request)
    change = _known(_ANSWERED_BY, word, "AnsweredBy")
    event = LegEvent(leg_id, change if change != OTHER else "human", provider_ref=sid)
    return _delivery(request, event, sid, word[:40])


READERS: dict[str, Callable[[Request], Delivery]] = {
    "agent_leg": agent_leg,
    "conference": conference,
    "amd": answered_by,
}
"""By route."""


def _left(request: Request) -> tuple[str, str]:
    why, status = request.get("ReasonParticipantLeft"), request.get("ParticipantCallStatus")
    if status in _FAILURES:
        return "failed", _FAILURES[status]
    if why == "participant_add_failed":
        return "failed", "failed"
    return "left", _LEFT.get(why, "")


def _known(words: dict[str, str], word: str, name: str) -> str:
    """Our word for Twilio's; one that we do not know is logged and changes nothing."""
    found = words.get(word)
    if found is None:
        log.warning("twilio said something unknown", parameter=name, value=identifier(word) or "?")
        return OTHER
    return found


def _flag(request: Request, name: str) -> bool | None:
    return {"true": True, "false": False}.get(request.get(name))


def _leg(request: Request) -> str:
    leg_id = identifier(request.ours("l"))
    if not leg_id:
        raise BadDelivery("the URL names no leg (l): it is none that we gave to Twilio")
    return leg_id


def _delivery(request: Request, event: LegEvent, *unique: str) -> Delivery:
    contact_id = identifier(request.ours("c"))
    if not contact_id:
        raise BadDelivery("the URL names no contact (c): it is none that we gave to Twilio")
    return Delivery(
        key=request.key(event.leg_id, *unique),
        channel="phone",
        open_key="",
        event=event,
        contact_id=contact_id,
    )
