"""The life of a leg as a pure state machine: one party's call, from placing it to its end.

    placing     we have asked for it, or are about to
    ringing     the party's telephone rings
    answered    somebody or something has answered, and is not in the room, or not known to be a person yet
    joined      a person is in the room
    left        over, after it was answered
    failed      over, and no person ever came; or a machine did

A leg only ever goes down this list, whatever arrives: carriers tell of a leg in two streams, its call and its
room, promise no order and may lose or repeat anything. So each event says how far the leg has come *at
least*, and the furthest is where it stands: any order of the same events ends the same. What is over stays
over; `left` may still turn out to have `failed` (a machine that was recognised after it had hung up).

Whether a party is held or muted goes to and fro instead, so there the newest event counts, by the room's own
numbers. Nothing here reads a clock or a store: `heed` answers with the columns that change.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from contact_center.channels.base import LegEvent
from crm_store.legs import STATES, Leg

PLACING: Final = "placing"
RINGING: Final = "ringing"
ANSWERED: Final = "answered"
JOINED: Final = "joined"
LEFT: Final = "left"
FAILED: Final = "failed"

HUMAN: Final = "human"
MACHINE: Final = "machine"

REASONS: Final = {
    "busy": "the line was busy, or the party declined",
    "no_answer": "nobody answered",
    "canceled": "we gave up before anybody answered",
    "failed": "the call could not be placed",
    MACHINE: "an answering machine or a fax answered",
    "refused": "the carrier refused to call",
    "hung_up": "the party hung up",
    "by_us": "we took the party out, or ended the conversation",
    "room_ended": "the conversation was over with somebody else's leaving",
}
"""Why a leg is left or failed; '' where the carrier does not say."""

Changes = dict[str, Any]

_RANK: Final = {state: rank for rank, state in enumerate(STATES)}

_AT_LEAST: Final = {
    "ringing": RINGING,
    "answered": ANSWERED,
    "human": ANSWERED,
    "completed": LEFT,
    "left": LEFT,
    "failed": FAILED,
    "machine": FAILED,
}
"""How far a leg has come at least with an event. What happens in the room is not in it, see `_in_room`."""

_IN_ROOM: Final = frozenset({"joined", "held", "unheld", "muted", "unmuted"})
_FLAGS: Final = {
    "held": ("held", True),
    "unheld": ("held", False),
    "muted": ("muted", True),
    "unmuted": ("muted", False),
}


def is_over(leg: Leg) -> bool:
    """Whether the call has ended, or never will be."""
    return leg.state in (LEFT, FAILED)


def is_coming(leg: Leg) -> bool:
    """Whether the party is being brought in: it rings, or it is not yet known who answered."""
    return not is_over(leg) and leg.state != JOINED


def talks(leg: Leg) -> bool:
    """Whether a person is in the room (perhaps on hold)."""
    return leg.state == JOINED


def is_answered(leg: Leg) -> bool:
    """Whether the call has been answered and still is: what `CallCarrier.drop` must know."""
    return leg.state in (ANSWERED, JOINED)


def came(before: Leg, after: Leg) -> bool:
    """Whether a person has just come into the room."""
    return not talks(before) and talks(after)


def ended(before: Leg, after: Leg) -> bool:
    """Whether the leg has just come to its end."""
    return not is_over(before) and is_over(after)


def heed(leg: Leg, event: LegEvent, at: datetime, *, detects: bool = False) -> Changes:
    """What an event changes. ``detects``: the leg was placed with detection of answering machines, so
    who has come into the room is only known to be a person when that is told (``human``)."""
    if not _concerns(leg, event):
        return {}
    changes: Changes = {}
    if event.provider_ref and not leg.provider_ref:
        changes["provider_ref"] = event.provider_ref
    changes |= _progress(leg, event, at, detects)
    if not is_over(leg):
        changes |= _flags(leg, event)
    return {name: value for name, value in changes.items() if getattr(leg, name) != value}


def fail(leg: Leg, reason: str, at: datetime) -> Changes:
    """The carrier will not call, or we gave up before it did. Nothing changes for what is over."""
    return {} if is_over(leg) else {"state": FAILED, "reason": reason, "ended_at": at}


def _concerns(leg: Leg, event: LegEvent) -> bool:
    """Whether an event is about the leg: it says so, and is not of another call; or it is about the whole
    room."""
    if event.change == "room_ended":
        # Of a room before this one, of the same name, it may be told when this one is there already.
        return not (leg.room_ref and event.room_ref) or leg.room_ref == event.room_ref
    if leg.provider_ref and event.provider_ref:
        return leg.provider_ref == event.provider_ref
    return event.leg_id == leg.id


def taken_out(at: datetime) -> Changes:
    """We have the leg ended: it is over for us, whatever its carrier says later."""
    return {"state": LEFT, "reason": "by_us", "ended_at": at}


def _progress(leg: Leg, event: LegEvent, at: datetime, detects: bool) -> Changes:
    in_room = leg.joined_at is not None
    if event.change == "room_ended":
        # Who is not in the room yet is not concerned: the call goes on, and its own end will be told.
        return _over(leg, LEFT, "room_ended", at) if in_room else {}
    least = _AT_LEAST.get(event.change)
    if least in (LEFT, FAILED):
        return _over(leg, least, MACHINE if event.change == MACHINE else event.reason, at)
    if is_over(leg):
        return {}
    changes: Changes = {}
    human = leg.reason == HUMAN or event.change == HUMAN
    if event.change == HUMAN:
        changes["reason"] = HUMAN
    if event.change in _IN_ROOM:
        least, in_room = ANSWERED, True
        changes["joined_at"] = leg.joined_at or at
        if event.room_ref and not leg.room_ref:
            changes["room_ref"] = event.room_ref
    if in_room and (human or not detects):
        least = JOINED
    if least is not None and _RANK[least] > _RANK[leg.state]:
        changes["state"] = least
    return changes


def _over(leg: Leg, state: str, reason: str, at: datetime) -> Changes:
    if not is_over(leg):
        return {"state": state, "reason": reason, "ended_at": at}
    if _RANK[state] > _RANK[leg.state]:
        return {"state": state, "reason": reason}
    # The call's end and the room's news of it say the same; the one that knows best why is believed.
    better = state == leg.state and _knows(reason) > _knows(leg.reason)
    return {"reason": reason} if better else {}


def _knows(reason: str) -> int:
    """How much a reason tells: nothing, that the room ended, what the party or we did, that it was nobody."""
    return {"": 0, "room_ended": 1, MACHINE: 3}.get(reason, 2)


def _flags(leg: Leg, event: LegEvent) -> Changes:
    said = {name: value for name in ("held", "muted") if (value := getattr(event, name)) is not None}
    if event.change in _FLAGS:
        name, value = _FLAGS[event.change]
        said.setdefault(name, value)
    if event.sequence is None:
        return said
    return said | {"sequence": event.sequence} if event.sequence > leg.sequence else {}
