"""Coming to work, breaks, going home, and desks that come and go."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from contact_center import agent as life
from contact_center.actions.act import Act
from crm_store import agents, desks, presence_log
from crm_store.agent_states import AgentState
from crm_store.desks import Desk
from crm_store.errors import Refused
from crm_store.presence_log import PresenceChange
from ivr_flows.calendar import ALWAYS_OPEN

SETTABLE: Final = (life.AVAILABLE, life.BREAK, life.OFFLINE)
"""What a person may set; the engine alone sets ``not_responding``."""

ENGINE: Final = frozenset({"router", "desk", "carrier", "sweep"})
"""Actors that are no people."""

DESK_LOST: Final = "desk_lost"
DESK_GONE: Final = "desk_gone"
"""Reasons of who is not responding for want of a desk: was available, was not."""

LONGEST_REASON: Final = 80


def set_presence(
    act: Act, agent_id: str, presence: str, reason: str = "", *, overtime: bool = False
) -> AgentState:
    """The agent (or a supervisor) sets the presence. What is held stays held; nothing new is offered on a
    break.

    Outside the agent's shifts going available is refused unless it is ``overtime``.
    """
    if presence not in SETTABLE:
        raise Refused(f"presence: {presence!r} cannot be set; use one of {', '.join(SETTABLE)}")
    agent = agents.get(act.connection, agent_id)
    if not agent.active:
        raise Refused("this agent does not work here any more")
    if presence == life.AVAILABLE and not overtime and not on_shift(act, agent.shifts):
        raise Refused(
            "the agent's shift has not begun, or is over; set overtime to work all the same, or change the "
            f"calendar {agent.shifts}"
        )
    kept = reason.strip()[:LONGEST_REASON]
    return _go(act, agent_id, presence, kept if presence == life.BREAK else ("overtime" if overtime else ""))


def on_shift(act: Act, shifts: str) -> bool:
    """Whether the calendar of an agent's shifts is open now; without one it always is."""
    return not shifts or act.room.calendars.get(shifts, ALWAYS_OPEN).is_open(act.at)


def stop_responding(act: Act, agent_id: str, reason: str) -> AgentState:
    """An offer was not answered, or the desk was lost: nothing is offered until the agent says available."""
    state = act.state(agent_id)
    if state.presence != life.AVAILABLE:
        return state
    return _go(act, agent_id, life.NOT_RESPONDING, reason)


def end_shift(act: Act, agent_id: str) -> AgentState:
    """The shift is over: who is available goes offline, once nothing is held any more."""
    state = act.state(agent_id)
    if state.presence != life.AVAILABLE or state.holding or state.reason == "overtime":
        return state
    return _go(act, agent_id, life.OFFLINE, "shift_over")


def _go(act: Act, agent_id: str, presence: str, reason: str) -> AgentState:
    state = act.state(agent_id)
    changes = life.go(state, presence, reason, act.at)
    if changes:
        change = PresenceChange(
            id=act.ids.new("prs"),
            agent_id=agent_id,
            at=act.at,
            presence=presence,
            reason=reason,
            by=_by(act.actor, agent_id),
        )
        presence_log.append(act.connection, change)
    return act.change_agent(state, changes)


def _by(actor: str, agent_id: str) -> str:
    if actor == f"agent:{agent_id}":
        return "agent"
    return "engine" if actor in ENGINE else "supervisor"


def open_desk(act: Act, agent_id: str, desk_id: str, node: str) -> AgentState:
    """A desk of the agent has connected. Who was lost only for want of a desk is available again."""
    desks.open(
        act.connection, Desk(id=desk_id, agent_id=agent_id, node=node, opened_at=act.at, seen_at=act.at)
    )
    state = act.state(agent_id)
    if state.presence == life.NOT_RESPONDING and state.reason == DESK_LOST:
        return _go(act, agent_id, life.AVAILABLE, "")
    return state


def close_desk(act: Act, desk_id: str, agent_id: str) -> None:
    """A desk of the agent has said good-bye; see `lose_desk`."""
    desks.close(act.connection, desk_id)
    if not desks.of_agent(act.connection, agent_id):
        _without_desk(act, agent_id)


def lose_desk(act: Act, agent_id: str, before: datetime) -> AgentState:
    """Forget the agent's desks not seen since ``before``; with the last one the agent stops responding."""
    found = desks.of_agent(act.connection, agent_id)
    lost = [desk for desk in found if desk.seen_at < before]
    for desk in lost:
        desks.close(act.connection, desk.id)
    return act.state(agent_id) if len(lost) < len(found) else _without_desk(act, agent_id)


def _without_desk(act: Act, agent_id: str) -> AgentState:
    """The last desk is gone: nothing is offered, and what is held goes to others after a while (`duties`).

    Who was available is so again with the next desk. Who was not (on a break, with a customer still) has to
    say so."""
    state = act.state(agent_id)
    if state.presence != life.AVAILABLE and state.holding:
        return _go(act, agent_id, life.NOT_RESPONDING, DESK_GONE)
    return stop_responding(act, agent_id, DESK_LOST)
