"""What the router is fed with: rows as values of its own, and what has changed between two looks.

Nothing here writes. A `Picture` is everything that routing goes by, read at one moment; a `Feed` keeps the
router equal to the newest rows known, however they came.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from contact_center.agent import load_of
from contact_center.announcing import Changed
from contact_center.items import item_of
from contact_center.policies import read_queue_policies
from contact_center.room import Room
from contact_center.routing.model import AgentView, Capacity, Proposal, QueuePolicy
from contact_center.routing.router import Router
from crm_store import agent_states, agents, offers, works
from crm_store.agent_states import AgentState
from crm_store.agents import Agent
from crm_store.works import Work

TURNS_PERIOD = timedelta(hours=24)
"""For how long a turn taken counts in round robin."""

_IN_LINE = ("waiting", "offered")


@dataclass(frozen=True)
class Picture:
    """The database as routing sees it."""

    works: tuple[Work, ...]
    states: tuple[AgentState, ...]
    agents: tuple[Agent, ...]
    policies: Mapping[str, QueuePolicy]
    turns: Mapping[str, Mapping[str, int]]

    @classmethod
    def read(cls, connection: Connection, at: datetime, strategy: Sequence[str]) -> Picture:
        """Everything. ``strategy``: of queues that name none. Raises `PolicyError`."""
        return cls(
            tuple(works.list_open(connection, _IN_LINE)),
            tuple(agent_states.list_states(connection)),
            tuple(agents.list_agents(connection, active=True)),
            read_queue_policies(connection, strategy),
            offers.turns(connection, at - TURNS_PERIOD),
        )


class Feed:
    """See the module. Owns the router."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.router = Router({})
        self.wants_setup = False
        self._agents: dict[str, Agent] = {}
        self._states: dict[str, AgentState] = {}
        self._turns: dict[str, dict[str, int]] = {}
        self._in_line: dict[str, int] = {}  # versions of the works that the router has or has given away
        self._heard: dict[str, int] = {}  # versions of what came since the last look into the database began

    def __len__(self) -> int:
        return len(self._in_line)

    def begin_look(self) -> None:
        """A picture is about to be read: what is heard from now on may be newer than it."""
        self._heard = {}

    def restart(self, picture: Picture) -> None:
        """Forget everything and begin from ``picture``."""
        self.router = Router(picture.policies)
        self._agents, self._states, self._in_line, self._turns = {}, {}, {}, {}
        self.compare(picture)

    def compare(self, picture: Picture) -> None:
        """Take in what is newer in ``picture``, and drop what is not there any more."""
        if picture.policies != self.room.policies:
            self.room.policies.clear()
            self.room.policies.update(picture.policies)
        self.router.set_policies(picture.policies)
        self._turns = {queue: dict(counts) for queue, counts in picture.turns.items()}
        known = {agent.id for agent in picture.agents}
        for gone in self._agents.keys() - known:
            self.router.drop_agent(gone)
        self._agents = {agent.id: agent for agent in picture.agents}
        there = {work.id: work for work in picture.works}
        for gone in self._in_line.keys() - there.keys() - self._heard.keys():
            self.router.release(gone)  # else its agent would count as being offered it, for good
            self._drop(gone)
        for state in picture.states:
            self._take_state(state, again=True)
        for work in picture.works:
            if self._heard.get(work.id, -1) <= work.version:
                self._take_work(work)
        self.wants_setup = False  # whose state is there without an agent does not work here any more

    def take(self, changed: Changed) -> None:
        """Take in committed changes. An agent that is not known yet, or a new set-up, needs a new picture."""
        for work in changed.works:
            self._heard[work.id] = max(work.version, self._heard.get(work.id, -1))
            self._take_work(work)
        for state in changed.agents:
            self._take_state(state)
        self.wants_setup = self.wants_setup or changed.setup

    def decide(self) -> list[Proposal]:
        """What the router proposes now."""
        return self.router.decide(self._now())

    def release(self, proposal: Proposal) -> None:
        """A proposal came to nothing."""
        self.router.release(proposal.item_id, getattr(proposal, "agent_id", ""))

    def seconds_to_next(self) -> float:
        """How long until time alone may change a decision."""
        now = self._now()
        at = self.router.next_at(now)
        return math.inf if at is None else at - now

    def _now(self) -> float:
        return self.room.clock.now().timestamp()

    def _take_work(self, work: Work) -> None:
        if self._in_line.get(work.id, -1) > work.version:
            return
        if work.state == "waiting":
            self._in_line[work.id] = work.version
            self.router.put_item(item_of(work))
        elif work.state == "offered":
            self._in_line[work.id] = work.version
            self.router.drop_item(work.id, work.version)
        else:
            was_in_line = self._drop(work.id, work.version)
            if was_in_line and work.state in ("active", "connecting") and work.agent_id and work.queue:
                self._count_turn(work)

    def _drop(self, work_id: str, version: int | None = None) -> bool:
        if self._in_line.pop(work_id, None) is None:
            return False
        self.router.drop_item(work_id, version)
        return True

    def _count_turn(self, work: Work) -> None:
        counts = self._turns.setdefault(work.queue, {})
        counts[work.agent_id or ""] = counts.get(work.agent_id or "", 0) + 1

    def _take_state(self, state: AgentState, *, again: bool = False) -> None:
        known = self._states.get(state.id)
        if known is not None and known.version > state.version:
            state = known
        elif known is not None and known.version == state.version and not again:
            return
        self._states[state.id] = state
        agent = self._agents.get(state.id)
        if agent is None:
            self.wants_setup = True
            return
        self.router.put_agent(self.view(agent, state))

    def view(self, agent: Agent, state: AgentState) -> AgentView:
        """An agent as the router sees one."""
        capacity: Capacity = agent.capacity or self.room.config.routing.usual_capacity
        return AgentView(
            id=agent.id,
            presence=state.presence,
            skills=agent.skills,
            languages=agent.languages,
            capacity=capacity,
            load=load_of(state.holding),
            holding=tuple(state.holding),
            idle_since=state.idle_since.timestamp(),
            stand_in=agent.stand_in_id or "",
            turns={queue: counts[agent.id] for queue, counts in self._turns.items() if agent.id in counts},
            version=state.version,
        )
