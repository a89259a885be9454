"""Who stands where in a queue, PURE: first come, first served, with Twilio's figures for the caller's page.

Time is passed in (twilio.com/docs/voice/twiml/enqueue).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

MOST: Final = 1000
"""Places of a queue: Twilio's default."""


class Place(msgspec.Struct, frozen=True):
    """One call in a queue."""

    call_sid: str
    since: datetime


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A queue. ``gone`` calls have left it, after ``waited`` seconds in all."""

    sid: str
    name: str
    most: int = MOST
    places: tuple[Place, ...] = ()
    gone: int = 0
    waited: float = 0.0

    @property
    def average(self) -> int:
        """Seconds that a call waited, on average."""
        return round(self.waited / self.gone) if self.gone else 0


def enter(queue: Waiting, call_sid: str, at: datetime) -> Waiting | None:
    """The queue with the call at its end; None where it is full. Who is in it already keeps the place."""
    if any(place.call_sid == call_sid for place in queue.places):
        return queue
    if len(queue.places) >= queue.most:
        return None
    return msgspec.structs.replace(queue, places=(*queue.places, Place(call_sid, at)))


def leave(queue: Waiting, call_sid: str, at: datetime) -> Waiting:
    """The queue without the call; the same where it was not in it."""
    found = [place for place in queue.places if place.call_sid == call_sid]
    if not found:
        return queue
    waited = max(0.0, (at - found[0].since).total_seconds())
    return msgspec.structs.replace(
        queue,
        places=tuple(place for place in queue.places if place.call_sid != call_sid),
        gone=queue.gone + 1,
        waited=queue.waited + waited,
    )


def position(queue: Waiting, call_sid: str) -> int:
    """1 is next; 0 where the call is not in it."""
    sids = [place.call_sid for place in queue.places]
    return sids.index(call_sid) + 1 if call_sid in sids else 0


def seconds(queue: Waiting, call_sid: str, at: datetime) -> int:
    """Whole seconds that the call has waited."""
    found = [place.since for place in queue.places if place.call_sid == call_sid]
    return max(0, round((at - found[0]).total_seconds())) if found else 0
