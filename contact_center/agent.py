"""An agent at work as a pure state machine: presence, what is held, and what still fits (issue "agents and
presence").

Nothing here reads a clock or a store: each function takes the agent's state as it was and answers with the
columns that change. Presence is what the agent (or the engine, for one who does not answer) has set; what
people call the agent's status is presence together with what is held (`status_of`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from crm_store.agent_states import AgentState, Holding

AVAILABLE: Final = "available"
BREAK: Final = "break"
NOT_RESPONDING: Final = "not_responding"
OFFLINE: Final = "offline"

PRESENCES: Final = {
    AVAILABLE: "takes work",
    BREAK: "at work, takes none; with a reason",
    NOT_RESPONDING: "did not answer, or the desk was lost; set by the engine, left by going available",
    OFFLINE: "not at work",
}

BREAK_REASONS: Final = ("break", "lunch", "meeting", "training", "coaching", "administration", "technical")
"""Known reasons of a break; a company may use others."""

OFFERED: Final = "offered"
ACTIVE: Final = "active"
WRAP_UP: Final = "wrap_up"

MEDIUM: Final = {
    "call": "call",
    "callback": "call",
    "consult": "call",
    "chat": "chat",
    "text": "text",
    "ticket": "ticket",
}
"""Which part of an agent's capacity each kind of work takes."""

DEFAULT_CAPACITY: Final[tuple[dict[str, int], ...]] = (
    {"call": 1, "ticket": 1},
    {"chat": 3, "text": 3, "ticket": 1},
)
"""One call, or three chats and three conversations by text message; beside either, one ticket."""

Changes = dict[str, Any]


def load_of(holding: Mapping[str, Holding]) -> dict[str, int]:
    """How much of each medium is held, whatever the stage."""
    load: dict[str, int] = {}
    for held in holding.values():
        medium = MEDIUM[held.kind]
        load[medium] = load.get(medium, 0) + 1
    return load


def fits(capacity: Sequence[Mapping[str, int]], load: Mapping[str, int], kind: str) -> bool:
    """Whether one more piece of work of ``kind`` still fits: into one alternative, with all that is held."""
    medium = MEDIUM[kind]
    wanted = {**load, medium: load.get(medium, 0) + 1}
    return any(
        all(most.get(name, 0) >= number for name, number in wanted.items() if number) for most in capacity
    )


def refusal(state: AgentState, capacity: Sequence[Mapping[str, int]], kind: str) -> str:
    """Why the agent cannot be offered work of ``kind`` now: break, not_responding, offline, busy; '' if
    they can.
    """
    if state.presence != AVAILABLE:
        return state.presence
    return "" if fits(capacity, load_of(state.holding), kind) else "busy"


def status_of(state: AgentState) -> str:
    """What people call it: offline, break, not_responding, on_contact, wrap_up, offered or available.

    Who talks to a customer is on contact whatever presence they have set for afterwards.
    """
    stages = {held.stage for held in state.holding.values()}
    if ACTIVE in stages:
        return "on_contact"
    if WRAP_UP in stages:
        return "wrap_up"
    if state.presence == AVAILABLE and OFFERED in stages:
        return "offered"
    return state.presence


_STAGE_OF: Final = {"on_contact": ACTIVE, "wrap_up": WRAP_UP, "offered": OFFERED}
"""The stage of what an agent holds that makes each status; the others are presences."""


def status_since(state: AgentState) -> datetime:
    """Since when the agent has the status of `status_of`."""
    stage = _STAGE_OF.get(status_of(state))
    return min((held.at for held in state.holding.values() if held.stage == stage), default=state.since)


def take(state: AgentState, work_id: str, kind: str, at: datetime) -> Changes:
    """An offer: held from now on, so that nothing else is put in its place."""
    return {"holding": {**state.holding, work_id: Holding(kind, OFFERED, at)}}


def move(state: AgentState, work_id: str, stage: str, at: datetime) -> Changes:
    """What is held goes on to ``stage``. Nothing changes where it is not held."""
    held = state.holding.get(work_id)
    if held is None or held.stage == stage:
        return {}
    return {"holding": {**state.holding, work_id: Holding(held.kind, stage, at)}}


def release(state: AgentState, work_id: str, at: datetime) -> Changes:
    """It is held no more; with the last piece of work the agent becomes idle. Nothing changes where it is
    not held.
    """
    if work_id not in state.holding:
        return {}
    left = {name: held for name, held in state.holding.items() if name != work_id}
    changes: Changes = {"holding": left}
    # An offer is no work: who declines or misses one keeps the place among the idle.
    if state.holding[work_id].stage != OFFERED and _only_offers(left):
        changes["idle_since"] = at
    return changes


def go(state: AgentState, presence: str, reason: str, at: datetime) -> Changes:
    """Set the presence. Who comes to work, or back from a break, is idle from then on."""
    if presence == state.presence and reason == state.reason:
        return {}
    changes: Changes = {"presence": presence, "reason": reason, "since": at}
    if presence == AVAILABLE and state.presence != AVAILABLE and _only_offers(state.holding):
        changes["idle_since"] = at
    return changes


def _only_offers(holding: Mapping[str, Holding]) -> bool:
    return all(held.stage == OFFERED for held in holding.values())


def changed(state: AgentState, changes: Changes) -> AgentState:
    """The state with its changes and the next version, as it is after the commit."""
    if not changes:
        return state
    return msgspec.structs.replace(state, **changes, version=state.version + 1)
