"""Agents and queues as the API and the command line show them: set up so, and doing so just now."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.api.models import staff as shapes
from crm_store import agent_states, agents, queues
from crm_store.agent_states import AgentState
from crm_store.agents import Agent
from crm_store.queues import Queue


def all_agents(connection: Connection, *, active: bool | None = None) -> list[shapes.Agent]:
    """All agents by name, or only those at work here (``active``) or no longer."""
    states = {state.id: state for state in agent_states.list_states(connection)}
    return [
        shapes.Agent.of(agent, states.get(agent.id) or AgentState(id=agent.id, version=-1))
        for agent in agents.list_agents(connection, active=active)
    ]


def agent_view(connection: Connection, agent: Agent) -> shapes.Agent:
    """One agent."""
    return shapes.Agent.of(agent, agent_states.find(connection, agent.id))


def all_queues(connection: Connection) -> list[shapes.Queue]:
    """All queues by name."""
    waiting = queues.count_waiting(connection)
    return [shapes.Queue.of(queue, waiting.get(queue.name, 0)) for queue in queues.list_queues(connection)]


def queue_view(connection: Connection, queue: Queue) -> shapes.Queue:
    """One queue."""
    return shapes.Queue.of(queue, queues.count_waiting(connection).get(queue.name, 0))
