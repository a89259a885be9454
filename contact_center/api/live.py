"""What supervisors watch over the API: the wallboard, contacts and agents live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from functools import reduce
from operator import add
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.engine import Connection

from contact_center.agent import load_of, status_of, status_since
from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import live as shapes
from contact_center.api.models.common import Page
from contact_center.config import Config
from contact_center.policies import policies_of
from contact_center.why_waiting import Serving, who_serves
from crm_store import agent_states, agents, open_contacts, queues, wallboard, works
from crm_store.agent_states import AgentState
from crm_store.open_contacts import OpenContact, OpenFilter
from crm_store.queues import Queue
from crm_store.wallboard import STEP, Counts, Standing


class _Place(msgspec.Struct):
    """Where a session stands, of all that it holds."""

    flow: str = ""
    node: str = ""


# --- the wallboard --------------------------------------------------------------------------------------


class _Board(msgspec.Struct, frozen=True):
    """What a wallboard is made of, as read at ``at``; steps are numbered from ``day`` on."""

    at: datetime
    day: datetime
    queues: tuple[Queue, ...]
    standing: Mapping[str, Standing]
    states: tuple[str, ...]
    serving: Mapping[str, Serving]
    today: Mapping[tuple[str, int], Counts]
    yesterday: Mapping[tuple[str, int], Counts]

    def figures(self, of: Mapping[tuple[str, int], Counts], queue: str | None = None) -> Counts:
        """Everything of a day, of one queue or of all."""
        return _sum(counts for (name, _), counts in of.items() if queue in (None, name))

    def steps(self, queue: str | None = None) -> list[shapes.BoardStep]:
        """Today in steps, of one queue or of all."""
        found: dict[int, Counts] = {}
        for (name, number), counts in self.today.items():
            if queue in (None, name):
                found[number] = found.get(number, Counts()) + counts
        return [
            shapes.BoardStep(at=self.day + number * STEP, **_shown(found.get(number, Counts())))
            for number in range((self.at - self.day) // STEP + 1)
        ]

    def waits(self, queue: str | None = None) -> dict[str, Any]:
        """Who waits now, of one queue or of all."""
        found = [standing for name, standing in self.standing.items() if queue in (None, name)]
        since = min((standing.since for standing in found), default=self.at)
        return {
            "waiting": sum(standing.waiting for standing in found),
            "ringing": sum(standing.ringing for standing in found),
            "longest_wait": _seconds(since, self.at),
        }


def _sum(counts: Iterable[Counts]) -> Counts:
    return reduce(add, counts, Counts())


def _shown(counts: Counts) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in shapes.Figures.model_fields}


def _seconds(since: datetime, until: datetime) -> float:
    return round(max(0.0, (until - since).total_seconds()), 1)


def midnight(at: datetime, zone: str, days_ago: int = 0) -> datetime:
    """When the day of ``at`` began there, or one before it."""
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() - timedelta(days=days_ago), time(), local.tzinfo)


def _read_board(connection: Connection, at: datetime, settings: Config) -> _Board:
    found = queues.list_queues(connection)
    seconds = {queue.name: queue.service_level.seconds for queue in found}
    zone = settings.company.timezone
    day, before = midnight(at, zone), midnight(at, zone, 1)
    states = {state.id: state for state in agent_states.list_states(connection)}
    people = agents.list_agents(connection, active=True)
    policies = policies_of(found, settings.routing.strategy)
    return _Board(
        at=at,
        day=day,
        queues=tuple(found),
        standing=wallboard.standing(connection),
        states=tuple(status_of(states.get(agent.id) or AgentState(id=agent.id)) for agent in people),
        serving={name: who_serves(policy.required, people, states) for name, policy in policies.items()},
        today=wallboard.counted(connection, day, at, seconds),
        yesterday=wallboard.counted(connection, before, before + (at - day), seconds),
    )


async def get_wallboard(call: Call[Nothing, Nothing]) -> shapes.Wallboard:
    settings = call.room.config
    board = await call.read(lambda connection: _read_board(connection, call.at, settings))
    return shapes.Wallboard(
        at=board.at,
        day=board.day,
        agents={status: board.states.count(status) for status in sorted(set(board.states))},
        today=shapes.Figures(**_shown(board.figures(board.today))),
        yesterday=shapes.Figures(**_shown(board.figures(board.yesterday))),
        steps=board.steps(),
        queues=[_board_queue(board, queue) for queue in board.queues],
        **board.waits(),
    )


def _board_queue(board: _Board, queue: Queue) -> shapes.BoardQueue:
    return shapes.BoardQueue(
        queue=queue.name,
        title=queue.title,
        target=queue.service_level.target,
        target_seconds=queue.service_level.seconds,
        serving=board.serving[queue.name].count,
        online=board.serving[queue.name].online,
        ready=board.serving[queue.name].ready,
        today=shapes.Figures(**_shown(board.figures(board.today, queue.name))),
        yesterday=shapes.Figures(**_shown(board.figures(board.yesterday, queue.name))),
        steps=board.steps(queue.name),
        **board.waits(queue.name),
    )


# --- contacts and agents --------------------------------------------------------------------------------


async def list_live_contacts(call: Call[shapes.LiveContactQuery, Nothing]) -> Page[shapes.LiveContact]:
    asked = call.params
    which = OpenFilter(
        state=asked.state,
        owner=asked.owner,
        channel=asked.channel,
        queue=asked.queue,
        agent_id=asked.agent,
    )
    found = await call.read(
        lambda connection: open_contacts.list_open(connection, which, asked.cursor, asked.limit)
    )
    return Page[shapes.LiveContact](
        items=[_live_contact(item, call.at) for item in found.items], next_cursor=found.next_cursor
    )


def _live_contact(item: OpenContact, at: datetime) -> shapes.LiveContact:
    contact = item.contact
    place = msgspec.json.decode(contact.session, type=_Place)
    since = {"waiting": contact.queued_at, "connected": contact.connected_at}.get(contact.state)
    since = since or contact.started_at
    row = {name: getattr(contact, name) for name in shapes.LiveContact.model_fields if hasattr(contact, name)}
    return shapes.LiveContact.model_validate(
        row
        | {
            "queue": item.queue,
            "agent_id": item.agent_id,
            "agent_name": item.agent_name,
            "customer_name": item.customer_name,
            "tier": item.tier,
            "address": item.address,
            "work_id": item.work_id,
            "work_state": item.work_state,
            "flow": place.flow or contact.flow,
            "node": place.node,
            "since": since,
            "seconds": _seconds(since, at),
        }
    )


async def list_live_agents(call: Call[shapes.LiveAgentQuery, Nothing]) -> Page[shapes.LiveAgent]:
    def read(connection: Connection) -> list[shapes.LiveAgent]:
        states = {state.id: state for state in agent_states.list_states(connection)}
        held = {work.id: work for work in works.list_open(connection, works.OPEN_STATES[1:])}
        return [
            _live_agent(agent, states.get(agent.id, AgentState(id=agent.id, version=-1)), held, call.at)
            for agent in agents.list_agents(connection, active=True)
        ]

    found = await call.read(read)
    wanted = call.params.status
    return Page[shapes.LiveAgent](items=[agent for agent in found if wanted in (None, agent.status)])


def _live_agent(
    agent: agents.Agent, state: AgentState, held: Mapping[str, works.Work], at: datetime
) -> shapes.LiveAgent:
    status = status_of(state)
    since = status_since(state) if state.version >= 0 else None
    return shapes.LiveAgent(
        id=agent.id,
        name=agent.name,
        role=agent.role,
        presence=state.presence,
        reason=state.reason,
        status=status,
        since=since,
        seconds=None if since is None else _seconds(since, at),
        load=load_of(state.holding),
        holding=[
            shapes.Held(
                work_id=work_id,
                contact_id=held[work_id].contact_id if work_id in held else None,
                kind=holding.kind,
                stage=holding.stage,
                queue=held[work_id].queue if work_id in held else "",
                since=holding.at,
            )
            for work_id, holding in state.holding.items()
        ],
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/wallboard",
        "supervisor",
        "See who waits now, how today goes in steps of 15 minutes, and yesterday until the same time",
        get_wallboard,
        shapes.Wallboard,
    ),
    Endpoint(
        "GET",
        "/live/contacts",
        "supervisor",
        "List open contacts, newest first, with where each stands",
        list_live_contacts,
        Page[shapes.LiveContact],
        params=shapes.LiveContactQuery,
    ),
    Endpoint(
        "GET",
        "/live/agents",
        "supervisor",
        "List agents with status, time in it, load and what they hold",
        list_live_agents,
        Page[shapes.LiveAgent],
        params=shapes.LiveAgentQuery,
    ),
)
