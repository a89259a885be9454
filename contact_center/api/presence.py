"""Agents at work over the API: presence, state, and how each line stands."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from contact_center.actions.presence import set_presence
from contact_center.announcing import shown_state
from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import works as shapes
from contact_center.api.models.common import Page
from contact_center.api.problems import Problem
from crm_store import agent_states, agents, queues, works
from crm_store.agent_states import AgentState


def _shown(state: AgentState) -> shapes.AgentState:
    return shapes.AgentState.model_validate(shown_state(state))


def _for(call: Call[Any, Any], state: AgentState) -> shapes.AgentState:
    """As the caller may see it: what a colleague has in hand is a supervisor's to know."""
    shown = _shown(state)
    if state.id == call.caller.agent_id or call.caller.may("supervisor"):
        return shown
    return shown.model_copy(update={"holding": {}})


async def put_presence(call: Call[Nothing, shapes.Presence]) -> shapes.AgentState:
    agent_id, body = call.path["agent_id"], call.body
    if agent_id != call.caller.agent_id and not call.caller.may("supervisor"):
        raise Problem("forbidden", "Only a supervisor can set the presence of another agent.")
    state = await call.act(
        lambda deed: set_presence(deed, agent_id, body.presence, body.reason, overtime=body.overtime),
        Note("agent.presence", agent_id, {"presence": body.presence}),
    )
    return _shown(state)


async def get_state(call: Call[Nothing, Nothing]) -> shapes.AgentState:
    def read(connection: Connection) -> AgentState:
        return agent_states.find(connection, agents.get(connection, call.path["agent_id"]).id)

    return _for(call, await call.read(read))


async def list_states(call: Call[Nothing, Nothing]) -> Page[shapes.AgentState]:
    found = await call.read(agent_states.list_states)
    return Page[shapes.AgentState](items=[_for(call, state) for state in found])


async def list_lines(call: Call[Nothing, Nothing]) -> Page[shapes.QueueLine]:
    """Every queue as it stands now."""

    def read(connection: Connection) -> tuple[list[str], list[works.Work]]:
        names = [queue.name for queue in queues.list_queues(connection)]
        return names, works.list_open(connection, ("waiting", "offered"))

    names, found = await call.read(read)
    lines = []
    for name in names:
        mine = [work for work in found if work.queue == name]
        waiting = [work for work in mine if work.state == "waiting"]
        longest = max((call.at - work.queued_at).total_seconds() for work in mine) if mine else 0.0
        estimate = await call.room.waits.estimate(name, len(waiting) + 1)
        lines.append(
            shapes.QueueLine(
                queue=name,
                waiting=len(waiting),
                offered=len(mine) - len(waiting),
                longest_wait=round(max(0.0, longest), 1),
                expected_wait=_rounded(estimate.seconds),
                expected_low=_rounded(estimate.low),
                expected_high=_rounded(estimate.high),
                sure=estimate.sure,
            )
        )
    return Page[shapes.QueueLine](items=lines)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


ENDPOINTS = (
    Endpoint(
        "GET", "/states", "agent", "List how agents are doing at work", list_states, Page[shapes.AgentState]
    ),
    Endpoint(
        "GET",
        "/agents/{agent_id}/state",
        "agent",
        "Get how an agent is doing at work",
        get_state,
        shapes.AgentState,
        refusals=("not_found",),
    ),
    Endpoint(
        "PUT",
        "/agents/{agent_id}/presence",
        "agent",
        "Go available, on a break or offline",
        put_presence,
        shapes.AgentState,
        body=shapes.Presence,
        refusals=("not_found", "refused", "conflict"),
    ),
    Endpoint("GET", "/lines", "agent", "List how every queue stands now", list_lines, Page[shapes.QueueLine]),
)
