"""A conference, PURE: who is on the way, who is in it, held, muted, coaching; and what is told of it.

What a function answers is the conference afterwards, what a statusCallback is to be told, and whose calls are
free again because the conference is over. Rules as twilio.com/docs/voice/twiml/conference and
.../voice/api/conference-participant-resource have them: the callback is that of whoever joined first; a
label is in a conference once; the conference is in progress with the second who comes, once somebody may
start it; it ends with the last, or with one whose leaving ends it; who is on the way then comes into a new
one of that name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from contact_center.local_carrier.errors import (
    CONFERENCE_FULL,
    LABEL_TAKEN,
    NOBODY_TO_COACH,
    ApiError,
    not_found,
)

INIT: Final = "init"
IN_PROGRESS: Final = "in-progress"
COMPLETED: Final = "completed"

HUNG_UP: Final = "participant_hung_up"
BY_API: Final = "participant_updated_via_api"
ADD_FAILED: Final = "participant_add_failed"
ENDED_BY_API: Final = "conference_ended_via_api"
MODERATOR_LEFT: Final = "moderator_ended_conference"

MOST: Final = 5
"""Participants: each browser sends its voice to each other one."""

_WHY_ENDED: Final = {
    ENDED_BY_API: "conference-ended-via-api",
    MODERATOR_LEFT: "participant-with-end-conference-on-exit-left",
    "": "last-participant-left",
}


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A call in the conference, or on its way there. ``coaching``: the one call that hears this one."""

    call_sid: str
    label: str = ""
    joined: bool = False
    muted: bool = False
    hold: bool = False
    hold_url: str = ""
    coaching: str = ""
    ends: bool = False
    starts: bool = True


class Callback(msgspec.Struct, frozen=True):
    """Whom a conference tells what: ``events`` are start end join leave mute hold modify."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"start", "end"})


class Conference(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is FriendlyName. ``sequence`` is the number of the last event, told or not."""

    sid: str
    name: str
    status: str = INIT
    members: tuple[Member, ...] = ()
    callback: Callback | None = None
    sequence: int = 0

    @property
    def inside(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.joined)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One event for the callback: ``word`` is StatusCallbackEvent, ``fields`` are Twilio's further ones."""

    word: str
    sequence: int
    member: Member | None = None
    fields: dict[str, str] = {}


class Change(msgspec.Struct, frozen=True):
    """What became of a conference. ``released``: calls that were in it and are not, because it is over."""

    conference: Conference
    told: tuple[Told, ...] = ()
    released: tuple[str, ...] = ()


def member_of(conference: Conference, ref: str) -> Member:
    """By CallSid or label. Raises `ApiError` 20404."""
    for member in conference.members:
        if ref in (member.call_sid, member.label):
            return member
    raise not_found()


def add(conference: Conference, member: Member, *, label_code: int = LABEL_TAKEN) -> Conference:
    """The conference with somebody on the way to it. Raises `ApiError` for a label in use, or a full one."""
    if member.label and any(member.label == other.label for other in conference.members):
        raise ApiError(400, label_code, "Participant label is in use by another participant")
    if len(conference.members) >= MOST:
        raise ApiError(400, CONFERENCE_FULL, f"The conference has {MOST} participants already")
    return msgspec.structs.replace(conference, members=(*conference.members, member))


def join(conference: Conference, call_sid: str, callback: Callback | None) -> Change:
    """Somebody who was on the way is in it now."""
    member = member_of(conference, call_sid)
    if member.joined:
        return Change(conference)
    if not conference.inside:
        conference = msgspec.structs.replace(conference, callback=callback)
    here = msgspec.structs.replace(member, joined=True)
    log = _Log(_with(conference, here))
    log.tell("join", "participant-join", here)
    inside = log.conference.inside
    if log.conference.status == INIT and len(inside) > 1 and any(one.starts for one in inside):
        log.conference = msgspec.structs.replace(log.conference, status=IN_PROGRESS)
        log.tell("start", "conference-start", None)
    return log.change()


def modify(
    conference: Conference,
    ref: str,
    *,
    hold: bool | None = None,
    hold_url: str = "",
    muted: bool | None = None,
    coaching: str | None = None,
    ends: bool | None = None,
) -> Change:
    """Change somebody who is in it; None leaves a thing as it is. ``coaching``: '' = is heard by all."""
    member = member_of(conference, ref)
    if not member.joined:
        raise not_found()
    if coaching and coaching not in [one.call_sid for one in conference.inside]:
        raise ApiError(400, NOBODY_TO_COACH, "Invalid Whisper SID")
    log = _Log(conference)
    if hold is not None:
        member = log.put(msgspec.structs.replace(member, hold=hold, hold_url=hold_url if hold else ""))
        log.tell("hold", f"participant-{'hold' if hold else 'unhold'}", member)
    if muted is not None:
        member = log.put(msgspec.structs.replace(member, muted=muted))
        log.tell("mute", f"participant-{'mute' if muted else 'unmute'}", member)
    if coaching is not None or ends is not None:
        changed = {"coaching": member.coaching if coaching is None else coaching}
        member = log.put(
            msgspec.structs.replace(member, **changed, ends=member.ends if ends is None else ends)
        )
        log.tell("modify", "participant-modify", member)
    return log.change()


def leave(conference: Conference, call_sid: str, why: str, call_status: str) -> Change:
    """Somebody is gone, or will never come. ``call_status``: how the call then stands."""
    found = [member for member in conference.members if member.call_sid == call_sid]
    if not found or conference.status == COMPLETED:
        return Change(conference)
    log = _Log(conference)
    log.gone(found[0], why, call_status)
    inside = log.conference.inside
    if not log.conference.members or (found[0].joined and (found[0].ends or not inside)):
        _end(log, MODERATOR_LEFT, "" if not inside else MODERATOR_LEFT, call_sid)
    return log.change()


def close(conference: Conference) -> Change:
    """The conference is ended for all who are in it."""
    if conference.status == COMPLETED:
        return Change(conference)
    log = _Log(conference)
    _end(log, ENDED_BY_API, ENDED_BY_API, "")
    return log.change()


def _end(log: _Log, why_left: str, why_ended: str, ending: str) -> None:
    log.conference = msgspec.structs.replace(log.conference, status=COMPLETED)
    for member in log.conference.inside:
        log.gone(member, why_left, "in-progress")
        log.released.append(member.call_sid)
    fields = {"ReasonConferenceEnded": _WHY_ENDED[why_ended]}
    if ending:
        fields["CallSidEndingConference"] = ending
    log.tell("end", "conference-end", None, fields)


def _with(conference: Conference, member: Member) -> Conference:
    members = tuple(member if one.call_sid == member.call_sid else one for one in conference.members)
    return msgspec.structs.replace(conference, members=members)


class _Log:
    """A conference while it changes, and what there is to tell."""

    def __init__(self, conference: Conference) -> None:
        self.conference = conference
        self.released: list[str] = []
        self._told: list[Told] = []

    def put(self, member: Member) -> Member:
        self.conference = _with(self.conference, member)
        return member

    def gone(self, member: Member, why: str, call_status: str) -> None:
        left = tuple(one for one in self.conference.members if one.call_sid != member.call_sid)
        self.conference = msgspec.structs.replace(self.conference, members=left)
        fields = {"ReasonParticipantLeft": why, "ParticipantCallStatus": call_status}
        self.tell("leave", "participant-leave", member, fields)

    def tell(
        self, event: str, word: str, member: Member | None, fields: dict[str, str] | None = None
    ) -> None:
        """Number the event; keep it where the callback wants it."""
        number = self.conference.sequence + 1
        self.conference = msgspec.structs.replace(self.conference, sequence=number)
        callback = self.conference.callback
        if callback is not None and callback.url and event in callback.events:
            self._told.append(Told(word=word, sequence=number, member=member, fields=fields or {}))

    def change(self) -> Change:
        return Change(self.conference, tuple(self._told), tuple(self.released))


def hears(conference: Conference, listener: Member, speaker: Member) -> bool:
    """Whether ``listener`` hears ``speaker``."""
    if conference.status != IN_PROGRESS or listener.call_sid == speaker.call_sid:
        return False
    if not (listener.joined and speaker.joined) or listener.hold or speaker.hold or speaker.muted:
        return False
    return speaker.coaching in ("", listener.call_sid)


def open_named(conferences: Iterable[Conference], name: str) -> Conference | None:
    """The newest conference of that name that is not over."""
    found = [one for one in conferences if one.name == name and one.status != COMPLETED]
    return found[-1] if found else None
