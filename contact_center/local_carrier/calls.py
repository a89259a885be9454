"""The life of one call, PURE: queued, initiated, ringing, in-progress, and one of five ends.

A call only goes forward. ``completed`` is the end of an answered call and of no other; ``busy``,
``no-answer``, ``failed`` and ``canceled`` are ends of calls that were never answered
(twilio.com/docs/voice/api/call-resource). Time is passed in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from contact_center.local_carrier.errors import NOT_THIS_STATE, ApiError

QUEUED: Final = "queued"
INITIATED: Final = "initiated"
RINGING: Final = "ringing"
IN_PROGRESS: Final = "in-progress"
COMPLETED: Final = "completed"
BUSY: Final = "busy"
NO_ANSWER: Final = "no-answer"
FAILED: Final = "failed"
CANCELED: Final = "canceled"

PROGRESS: Final = (QUEUED, INITIATED, RINGING, IN_PROGRESS)
UNANSWERED: Final = frozenset({BUSY, NO_ANSWER, FAILED, CANCELED})
OVER: Final = UNANSWERED | {COMPLETED}

EVENTS: Final = {INITIATED: "initiated", RINGING: "ringing", IN_PROGRESS: "answered"} | dict.fromkeys(
    OVER, "completed"
)
"""The event of a statusCallback by the status that it tells."""

INBOUND: Final = "inbound"
BY_API: Final = "outbound-api"
BY_DIAL: Final = "outbound-dial"


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. ``caller`` and ``called`` as webhooks name them; ``parent``: the call whose <Dial> placed it.
    ``told``: how many changes of status there were, which numbers the next callback."""

    sid: str
    direction: str
    caller: str
    called: str
    created_at: datetime
    status: str = QUEUED
    parent: str = ""
    told: int = 0
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def is_answered(self) -> bool:
        return self.status == IN_PROGRESS

    @property
    def seconds(self) -> int:
        """How long it was answered, in whole seconds; 0 while it is not over."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(0, round((self.ended_at - self.answered_at).total_seconds()))


def move(call: Call, status: str, at: datetime) -> Call | None:
    """The call in ``status``; None where it cannot come to that from where it is."""
    if call.is_over:
        return None
    if status in PROGRESS:
        if PROGRESS.index(status) <= PROGRESS.index(call.status):
            return None
        answered = at if status == IN_PROGRESS else None
        return msgspec.structs.replace(call, status=status, told=call.told + 1, answered_at=answered)
    if (status == COMPLETED) != call.is_answered:
        return None
    return msgspec.structs.replace(call, status=status, told=call.told + 1, ended_at=at)


def end_of(call: Call) -> str:
    """How a call ends that somebody gives up: hung up where it was answered, else never answered."""
    return COMPLETED if call.is_answered else CANCELED


def check_update(call: Call, status: str) -> None:
    """Raise `ApiError` 21220 where the API cannot end the call with ``status``, or redirect it ('')."""
    if status == CANCELED and not call.is_answered and not call.is_over:
        return
    if status in (COMPLETED, "") and call.is_answered:
        return
    raise ApiError(400, NOT_THIS_STATE, f"Call is {call.status}; it cannot be changed like this")
