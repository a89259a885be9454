"""Flows over the API: as drawn with the ways that today took, checked, and the way of one contact."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy.engine import Connection

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.live import midnight
from contact_center.api.models import flows as shapes
from contact_center.api.models.common import Page
from contact_center.api.problems import Problem
from contact_center.room import Room
from crm_store import branches, contacts, flow_sources, journal
from crm_store.errors import NotFound
from crm_store.flow_sources import Version
from crm_store.journal import Entry
from ivr_flows import FlowSet
from ivr_flows.flow import Finding, Flow, FlowError
from ivr_flows.graph import outline, svg
from ivr_flows.lint import lint

MOST_VERSIONS: Final = 30
"""Sets of flows that are looked through for the versions of one."""


async def list_flows(call: Call[Nothing, Nothing]) -> Page[shapes.Flow]:
    flows = call.room.library.current.flows
    found = await asyncio.to_thread(lint, flows)
    return Page[shapes.Flow](items=[_row(call.room, flow, found) for _, flow in sorted(flows.flows.items())])


def _row(room: Room, flow: Flow, found: tuple[Finding, ...]) -> shapes.Flow:
    levels = [finding.level for finding in found if finding.flow == flow.name]
    return shapes.Flow(
        name=flow.name,
        title=flow.title,
        languages=list(flow.languages),
        lines=sorted(line for line, name in room.library.lines.items() if name == flow.name),
        nodes=len(flow.nodes),
        errors=levels.count("error"),
        warnings=len(levels) - levels.count("error"),
    )


async def get_flow(call: Call[shapes.FlowQuery, Nothing]) -> shapes.FlowPicture:
    name, current = call.path["name"], call.room.library.current.flows
    asked = call.params.digest or current.digest
    flows = current if asked == current.digest else await _version(call.room, asked)
    flow = flows.flows.get(name) if flows else None
    if flows is None or flow is None:
        raise Problem("not_found", f"There is no flow {name} in that version; GET /flows lists them.")
    since = midnight(call.at, call.room.config.company.timezone)
    counts, kept = await call.read(
        lambda connection: (
            branches.taken(connection, name, since),
            flow_sources.latest(connection, MOST_VERSIONS),
        )
    )
    found = await asyncio.to_thread(lint, flows)
    return shapes.FlowPicture(
        **_row(call.room, flow, found).model_dump(),
        digest=flows.digest,
        in_force=flows is current,
        versions=list(_versions(kept, name)),
        since=since,
        branches=[
            shapes.Branch(node=node, exit=way, contacts=number)
            for (node, way), number in sorted(counts.items())
        ],
        graph=_graph(flow, call.params.language),
        svg=svg(flow, call.params.language, counts),
    )


async def check_flow(call: Call[Nothing, Nothing]) -> shapes.FlowCheck:
    name, flows = call.path["name"], call.room.library.current.flows
    if name not in flows.flows:
        raise Problem("not_found", f"There is no flow {name}; GET /flows lists them.")
    found = await asyncio.to_thread(lint, flows)
    mine = [shapes.FlowFinding.model_validate(finding) for finding in found if finding.flow == name]
    return shapes.FlowCheck(name=name, digest=flows.digest, findings=mine)


async def get_path(call: Call[shapes.FlowPathQuery, Nothing]) -> shapes.ContactPath:
    contact_id = call.path["contact_id"]

    def read(connection: Connection) -> tuple[str, list[Entry]]:
        return contacts.get(connection, contact_id).flow_digest, journal.read(connection, contact_id)

    digest, entries = await call.read(read)
    flows = await _version(call.room, digest)
    steps = list(_steps(entries))
    drawn = (flows or call.room.library.current.flows).flows
    return shapes.ContactPath(
        contact_id=contact_id,
        digest=digest,
        kept=flows is not None,
        steps=steps,
        flows=[
            _graph(drawn[name], call.params.language)
            for name in dict.fromkeys(step.flow for step in steps)
            if name in drawn
        ],
    )


def _steps(entries: list[Entry]) -> Iterator[shapes.PathStep]:
    for entry in entries:
        if entry.kind == "path":
            offset = (entry.at - entries[0].at).total_seconds()
            for flow, node, way in entry.data["steps"]:
                yield shapes.PathStep(
                    turn=entry.data["turn"], at=entry.at, offset=offset, flow=flow, node=node, exit=way
                )


async def _version(room: Room, digest: str) -> FlowSet | None:
    """The flows with that digest, from memory or from what was kept; None where they were not, or where this
    program no longer reads them. They are not remembered: looking at them is rare."""
    known = room.library.known(digest)
    if known is not None:
        return known.flows
    try:
        sources = await room.store.read(lambda connection: flow_sources.get(connection, digest))
        return await asyncio.to_thread(FlowSet.from_texts, sources)
    except (NotFound, FlowError):
        return None


def _versions(kept: list[Version], name: str) -> Iterator[shapes.FlowVersion]:
    """Where the flow was changed: of neighbours with the same text only the one that came first."""
    having = [version for version in kept if name in version.sources]
    for number, version in enumerate(having):
        before = having[number + 1] if number + 1 < len(having) else None
        if before is None or before.sources[name] != version.sources[name]:
            yield shapes.FlowVersion(digest=version.digest, since=version.since)


def _graph(flow: Flow, language: str) -> shapes.FlowGraph:
    return shapes.FlowGraph(
        name=flow.name,
        title=_title(flow.title, language) or flow.name,
        start=flow.start,
        person=flow.person,
        nodes=[shapes.FlowNode.model_validate(box) for box in outline(flow, language)],
    )


def _title(title: Mapping[str, str], language: str) -> str:
    return title.get(language) or title.get("") or next(iter(title.values()), "")


ENDPOINTS = (
    Endpoint(
        "GET",
        "/flows",
        "supervisor",
        "List flows with the lines that they answer and how many mistakes are in them",
        list_flows,
        Page[shapes.Flow],
    ),
    Endpoint(
        "GET",
        "/flows/{name}",
        "supervisor",
        "Get a flow as it is drawn, with how many contacts took each way today",
        get_flow,
        shapes.FlowPicture,
        params=shapes.FlowQuery,
        refusals=("not_found",),
    ),
    Endpoint(
        "GET",
        "/flows/{name}/check",
        "supervisor",
        "Look for mistakes in a flow: dead ends, circles, names nobody sets, keys that hide each other",
        check_flow,
        shapes.FlowCheck,
        refusals=("not_found",),
    ),
    Endpoint(
        "GET",
        "/contacts/{contact_id}/path",
        "agent",
        "Get a contact's way through its version of the flows, and these as drawn",
        get_path,
        shapes.ContactPath,
        params=shapes.FlowPathQuery,
        refusals=("not_found",),
    ),
)
