"""Agents over the API."""

from __future__ import annotations

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import staff as shapes
from contact_center.api.models.common import Page, listed
from crm_store import agents
from crm_store.agents import AgentChanges, NewAgent


async def list_agents(call: Call[shapes.AgentQuery, Nothing]) -> Page[shapes.Agent]:
    active = call.params.active
    return listed(
        shapes.Agent, await call.read(lambda connection: agents.list_agents(connection, active=active))
    )


async def get_agent(call: Call[Nothing, Nothing]) -> shapes.Agent:
    found = await call.read(lambda connection: agents.get(connection, call.path["agent_id"]))
    return shapes.Agent.model_validate(found)


async def create_agent(call: Call[Nothing, shapes.NewAgent]) -> shapes.Agent:
    new = NewAgent(**call.body.model_dump() | {"languages": tuple(call.body.languages)})
    made = await call.write(lambda connection: agents.create(connection, new, **call.by))
    return shapes.Agent.model_validate(made)


async def put_agent(call: Call[Nothing, shapes.PutAgent]) -> shapes.Agent:
    agent_id, version = call.path["agent_id"], call.needed_version()
    changes = AgentChanges(**call.body.model_dump() | {"languages": tuple(call.body.languages)})
    changed = await call.write(
        lambda connection: agents.update(connection, agent_id, version, changes, **call.by)
    )
    return shapes.Agent.model_validate(changed)


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
