"""Agents over the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import staff as shapes
from contact_center.api.models.common import Page
from contact_center.api.staff_views import agent_view, all_agents
from crm_store import agents
from crm_store.agents import AgentChanges, NewAgent


async def list_agents(call: Call[shapes.AgentQuery, Nothing]) -> Page[shapes.Agent]:
    return Page[shapes.Agent](
        items=await call.read(lambda connection: all_agents(connection, active=call.params.active))
    )


async def get_agent(call: Call[Nothing, Nothing]) -> shapes.Agent:
    agent_id = call.path["agent_id"]
    return await call.read(lambda connection: agent_view(connection, agents.get(connection, agent_id)))


async def create_agent(call: Call[Nothing, shapes.NewAgent]) -> shapes.Agent:
    new = NewAgent(**_fields(call.body))
    return await call.write(
        lambda connection: agent_view(connection, agents.create(connection, new, **call.by))
    )


async def put_agent(call: Call[Nothing, shapes.PutAgent]) -> shapes.Agent:
    agent_id, version = call.path["agent_id"], call.needed_version()
    changes = AgentChanges(**_fields(call.body))

    def work(connection: Connection) -> shapes.Agent:
        return agent_view(connection, agents.update(connection, agent_id, version, changes, **call.by))

    return await call.write(work)


def _fields(body: shapes.NewAgent) -> dict[str, Any]:
    capacity = None if body.capacity is None else tuple(body.capacity)
    return body.model_dump() | {"languages": tuple(body.languages), "capacity": capacity}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/agents",
        "agent",
        "List agents by name",
        list_agents,
        Page[shapes.Agent],
        params=shapes.AgentQuery,
    ),
    Endpoint(
        "POST",
        "/agents",
        "administrator",
        "Add an agent",
        create_agent,
        shapes.Agent,
        body=shapes.NewAgent,
        status=201,
        refusals=("refused",),
    ),
    Endpoint(
        "GET",
        "/agents/{agent_id}",
        "agent",
        "Get an agent with skills",
        get_agent,
        shapes.Agent,
        refusals=("not_found",),
    ),
    Endpoint(
        "PUT",
        "/agents/{agent_id}",
        "administrator",
        "Set up an agent anew",
        put_agent,
        shapes.Agent,
        body=shapes.PutAgent,
        versioned=True,
        refusals=("not_found", "refused", "stale", "version_needed"),
    ),
)
