"""Why work waits: how the router sees it, with the names and the doings of those who serve its queue.

Made from the database at the moment of the question, by the router's own rules. So each process gives the
same answer, whichever leads routing; an offer that is being committed just then is told of by the next one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy.engine import Connection

from contact_center.agent import AVAILABLE, OFFLINE, load_of, status_of, status_since
from contact_center.feed import Feed
from contact_center.items import item_of
from contact_center.policies import read_queue_policies
from contact_center.room import Room
from contact_center.routing.model import Skills
from contact_center.routing.needs import has_skills
from contact_center.routing.router import Router
from contact_center.routing.standing import REASONS, Standing
from crm_store import agent_states, agents, works
from crm_store.agent_states import AgentState
from crm_store.agents import Agent
from crm_store.works import Work

MOST_TOLD: Final = 50
"""Agents told of one by one; the counts are of all."""


class Lacking(msgspec.Struct, frozen=True):
    """A skill that the agent has not, or not well enough."""

    skill: str
    needed: int
    has: int


class Refuser(msgspec.Struct, frozen=True, kw_only=True):
    """An agent who serves the queue, and why the work is not with them.

    ``reason``: one of `routing.standing.REASONS`. ``status`` and ``presence_reason`` as people call it, since
    ``since``; None for who has never signed in. ``load``: pieces held by medium. ``lacking``: of who lacks
    skills. ``until``: how long the agent, who had declined it, is passed.
    """

    agent_id: str
    name: str
    reason: str
    status: str
    presence_reason: str
    since: datetime | None
    load: dict[str, int] = {}
    lacking: tuple[Lacking, ...] = ()
    until: datetime | None = None


class Serving(msgspec.Struct, frozen=True):
    """How many serve a queue; of these ``online`` (not offline) and ``ready`` (available, busy or not)."""

    count: int
    online: int
    ready: int


class WhyWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """Why work waits. ``reasons``: how many of those who serve its queue for each reason. ``agents``: the
    nearest to having it first, at most `MOST_TOLD`.
    """

    standing: Standing
    serving: Serving
    reasons: dict[str, int]
    agents: tuple[Refuser, ...]


def explain(connection: Connection, room: Room, work: Work, at: datetime) -> WhyWaiting | None:
    """Why it waits at ``at``; None for work that does not. Raises `PolicyError`."""
    if work.state != "waiting":
        return None
    line = [each for each in works.list_open(connection, ("waiting",)) if each.queue == work.queue]
    people = agents.list_agents(connection, active=True)
    states = {state.id: state for state in agent_states.list_states(connection)}
    router = Router(read_queue_policies(connection, room.config.routing.strategy))
    view = Feed(room).view
    for agent in people:
        router.put_agent(view(agent, states.get(agent.id) or AgentState(id=agent.id)))
    for each in line:
        router.put_item(item_of(each))
    found = router.standing(work.id, at.timestamp())
    return None if found is None else compose(found, work, people, states)


def compose(
    standing: Standing, work: Work, people: Iterable[Agent], states: Mapping[str, AgentState]
) -> WhyWaiting:
    """The router's view with the people in it. ``states``: of whoever has ever signed in."""
    serving = [agent for agent in people if agent.id in standing.serving]
    nearest = sorted(serving, key=lambda agent: (REASONS.index(standing.reasons[agent.id]), agent.name))
    return WhyWaiting(
        standing=standing,
        serving=_counted(serving, states),
        reasons=dict(Counter(standing.reasons[agent.id] for agent in nearest)),
        agents=tuple(_refuser(standing, work, agent, states.get(agent.id)) for agent in nearest[:MOST_TOLD]),
    )


def who_serves(required: Skills, people: Iterable[Agent], states: Mapping[str, AgentState]) -> Serving:
    """Who serves a queue that requires these skills, as it is before any ring."""
    wanted = (tuple(required.items()),)
    return _counted([agent for agent in people if has_skills(agent.skills, wanted)], states)


def _counted(serving: Sequence[Agent], states: Mapping[str, AgentState]) -> Serving:
    presences = Counter(states[agent.id].presence for agent in serving if agent.id in states)
    return Serving(len(serving), presences.total() - presences[OFFLINE], presences[AVAILABLE])


def _refuser(standing: Standing, work: Work, agent: Agent, state: AgentState | None) -> Refuser:
    reason = standing.reasons[agent.id]
    status = status_of(state) if state else OFFLINE
    passed = work.passed.get(agent.id) if reason == "declined" else None
    return Refuser(
        agent_id=agent.id,
        name=agent.name,
        reason=reason,
        status=status,
        presence_reason=state.reason if state and status == state.presence else "",
        since=status_since(state) if state else None,
        load=load_of(state.holding) if state else {},
        lacking=lacking(agent.skills, standing.needs) if reason == "lacks_skill" else (),
        until=datetime.fromisoformat(passed).astimezone(UTC) if passed else None,
    )


def lacking(skills: Mapping[str, int], needs: Sequence[Skills]) -> tuple[Lacking, ...]:
    """What is missing for the alternative that is nearest: the fewest skills, then the fewest levels."""
    found = [
        tuple(
            Lacking(name, level, skills.get(name, 0))
            for name, level in sorted(wanted.items())
            if skills.get(name, 0) < level
        )
        for wanted in needs
    ]
    return min(found, key=lambda each: (len(each), sum(one.needed - one.has for one in each)), default=())
