"""How long a wait will be: the estimate that flows announce, from live staffing and recent handling times.

The formula is `contact_center.routing.expected_wait`; here its inputs are read, and kept for some seconds,
because every caller in a long line asks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from contact_center.agent import AVAILABLE, MEDIUM, load_of
from contact_center.clock import Clock
from contact_center.routing.expected_wait import Estimate, Handled, Staffing, expected_wait, handled
from contact_center.routing.model import Capacity, QueuePolicy
from crm_store import agent_states, agents, schema
from crm_store.store import Store

FRESH_SECONDS: Final = 10.0
LOOK_BACK: Final = timedelta(hours=4)
MOST_SAMPLES: Final = 200

_w = schema.works.c


_LASTED_ON = (
    sa.select(_w.kind, _w.accepted_at, _w.ended_at)
    .where(_w.state == "done", _w.outcome == "handled")
    .order_by(_w.ended_at.desc())
    .limit(MOST_SAMPLES)
)


class Waits:
    """See the module. ``policies`` by queue, as the room keeps them; ``capacity``: of agents of whom nothing
    else is said."""

    def __init__(
        self, store: Store, clock: Clock, policies: dict[str, QueuePolicy], capacity: Capacity
    ) -> None:
        self._capacity = capacity
        self._store = store
        self._clock = clock
        self._policies = policies
        self._kept: dict[str, tuple[float, Handled, Staffing]] = {}

    async def expected(self, queue: str, position: int) -> int | None:
        """Whole seconds until somebody takes the one in ``position`` (from 1); None where nobody can tell."""
        found = await self.estimate(queue, position)
        return None if found.seconds is None else round(found.seconds)

    async def estimate(self, queue: str, position: int) -> Estimate:
        """As `expected`, with its bounds and how sure it is."""
        now = self._clock.monotonic()
        kept = self._kept.get(queue)
        if kept is None or now - kept[0] > FRESH_SECONDS:
            policy = self._policies.get(queue) or QueuePolicy()
            seen, staffing = await self._store.read_quick(
                lambda connection: self._read(connection, queue, policy)
            )
            kept = self._kept[queue] = (now, seen, staffing)
        return expected_wait(position, kept[2], kept[1])

    def _read(self, connection: Connection, queue: str, policy: QueuePolicy) -> tuple[Handled, Staffing]:
        since = self._clock.now() - LOOK_BACK
        medium, seconds = self._handled(connection, queue, since)
        states = {state.id: state for state in agent_states.list_states(connection)}
        able = [
            agent
            for agent in agents.list_agents(connection, active=True)
            if agent.id in states
            and states[agent.id].presence == AVAILABLE
            and _has(agent.skills, policy.required)
        ]
        on_duty = shared = free = 0
        for agent in able:
            room = max(alternative.get(medium, 0) for alternative in agent.capacity or self._capacity)
            on_duty += room
            shared += room if self._serves_others(agent.skills, queue) else 0
            free += max(0, room - load_of(states[agent.id].holding).get(medium, 0))
        return handled(seconds), Staffing(on_duty, shared, free=free)

    def _handled(self, connection: Connection, queue: str, since: datetime) -> tuple[str, list[float]]:
        """What the queue mostly has (calls where nothing is known), and how long each of these took lately.

        Tickets, which lie for days, count only where there is nothing else.
        """
        found: dict[str, list[float]] = {}
        lasted = _LASTED_ON.where(_w.queue == queue, _w.ended_at >= since)
        for row in connection.execute(lasted):
            if row.accepted_at is not None:
                seconds = (row.ended_at - row.accepted_at).total_seconds()
                found.setdefault(MEDIUM[row.kind], []).append(seconds)
        talks = {medium: times for medium, times in found.items() if medium != "ticket"} or found
        medium = max(talks, key=lambda each: len(talks[each]), default="call")
        return medium, found.get(medium, [])

    def _serves_others(self, skills: dict[str, int], queue: str) -> bool:
        return any(name != queue and _has(skills, policy.required) for name, policy in self._policies.items())


def _has(skills: dict[str, int], required: dict[str, int]) -> bool:
    return all(skills.get(name, 0) >= level for name, level in required.items())
