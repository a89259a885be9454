"""The life of work as a pure state machine: from the line to an agent, back, and to its end.

    waiting     in line
    offered     an agent has been asked and has until the offer's end to answer
    connecting  the agent has said yes, and the carrier is bringing the two together
    active      with the agent
    wrap_up     the conversation is over, the agent writes it up
    done        over; `outcome` says how

Each function takes the work as it was and answers with the columns that change; nothing reads a clock or a
store."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from crm_store.works import Work

WAITING: Final = "waiting"
OFFERED: Final = "offered"
CONNECTING: Final = "connecting"
ACTIVE: Final = "active"
WRAP_UP: Final = "wrap_up"
DONE: Final = "done"

WITH_AGENT: Final = frozenset({OFFERED, CONNECTING, ACTIVE, WRAP_UP})

OUTCOMES: Final = {
    "handled": "an agent dealt with it",
    "abandoned": "the customer left while waiting",
    "left": "the customer chose another way: a key, a callback, voicemail",
    "timed_out": "it waited as long as its queue allows",
    "transferred": "it went to somebody outside the queues",
    "canceled": "nobody needs it any more: a ticket that was resolved, a consultation that was called off",
    "failed": "the customer could not be reached",
}

RECORDED: Final = "on"

RECORDING_AFTER: Final = {"start": RECORDED, "resume": RECORDED, "pause": "paused", "stop": ""}
"""How a recording stands after each thing that is done to it."""

Changes = dict[str, Any]

_HUNG_UP: Final[Changes] = {"muted": False, "recording": ""}


def offered(agent_id: str, offer_id: str | None) -> Changes:
    """An agent has been asked, or (without an offer) takes it unasked."""
    return {"state": OFFERED, "agent_id": agent_id, "offer_id": offer_id}


def accepted(at: datetime, *, connects: bool, limit: timedelta) -> Changes:
    """The agent said yes. ``connects``: a carrier must bring the two together first, within ``limit``."""
    if connects:
        return {"state": CONNECTING, "accepted_at": at, "due_at": at + limit}
    return {"state": ACTIVE, "accepted_at": at, "due_at": None}


def connected(*, recorded: bool = False) -> Changes:
    """The two talk. ``recorded``: it is recorded from the beginning."""
    return {"state": ACTIVE, "due_at": None, "recording": RECORDED if recorded else ""}


def back_in_line(work: Work, at: datetime, *, passing: timedelta | None = None) -> Changes:
    """No agent has it any more, and it has its old place in line. ``passing``: not to the same agent for so
    long.
    """
    changes: Changes = {
        "state": WAITING,
        "agent_id": None,
        "offer_id": None,
        "accepted_at": None,
        "held_at": None,
        "due_at": None,
        **_HUNG_UP,
    }
    if passing is not None and work.agent_id:
        still = {agent: until for agent, until in work.passed.items() if datetime.fromisoformat(until) > at}
        changes["passed"] = still | {work.agent_id: (at + passing).isoformat()}
    return changes


def moved(queue: str, at: datetime, *, wanted: str = "") -> Changes:
    """It waits in another queue from now on, or for one agent; its place in line goes with it."""
    return {"queue": queue, "wanted": wanted, "entered_at": at}


def wrapping_up(at: datetime, limit: timedelta | None) -> Changes:
    """The conversation is over; the agent has ``limit`` to write it up (None: as long as it takes)."""
    return {"state": WRAP_UP, "held_at": None, "due_at": at + limit if limit else None, **_HUNG_UP}


def done(at: datetime, outcome: str) -> Changes:
    """Over for good."""
    return {"state": DONE, "ended_at": at, "due_at": None, "held_at": None, "outcome": outcome, **_HUNG_UP}
