"""The parts of a running simulation that change: a contact on its way, and an agent at work.

Both only ever change through the real state machines (`contact_center.work`, `contact_center.agent`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec

from contact_center import agent as agents
from contact_center.items import item_of
from contact_center.routing.model import AgentView, Item
from contact_center.simulation.plan import Arrival, Worker
from crm_store.agent_states import AgentState
from crm_store.works import Work

replace = msgspec.structs.replace


def instant(at: float) -> datetime:
    """Virtual seconds as the aware time that the state machines take."""
    return datetime.fromtimestamp(at, UTC)


class Case:
    """One contact on its way.

    ``in_line_since``: when it last began to wait; ``answered``: how often an agent has answered; ``turn``
    grows with every step, so that an event planned for an earlier one is known to be void.
    """

    __slots__ = ("answered", "arrival", "entered_queue", "in_line_since", "queued_at", "turn", "work")

    def __init__(self, number: int, arrival: Arrival, at: datetime) -> None:
        self.arrival = arrival
        self.in_line_since = arrival.at
        self.queued_at = arrival.place or arrival.at
        self.entered_queue = arrival.queue
        self.answered = 0
        self.turn = 0
        self.work = Work(
            id=f"w{number}",
            kind=arrival.kind,
            queue=arrival.queue,
            priority=arrival.priority,
            language=arrival.language,
            tier=arrival.tier,
            required=arrival.required,
            preferred=arrival.preferred,
            owners=arrival.owners,
            last_agent=arrival.last_agent,
            queued_at=instant(self.queued_at),
            entered_at=at,
        )

    def change(self, changes: dict[str, Any]) -> None:
        """Take the changes of a step, as its commit would."""
        self.work = replace(self.work, **changes, version=self.work.version + 1)
        self.turn += 1

    def item(self) -> Item:
        """The contact as the router sees it."""
        return replace(item_of(self.work), queued_at=self.queued_at)


class Desk:
    """One agent at work. ``roster``: the presence that the roster wants now; ``since``: of the last
    `account`."""

    __slots__ = ("random", "roster", "since", "state", "turns", "view", "worker")

    def __init__(self, worker: Worker, begin: float, random: Random) -> None:
        self.worker = worker
        self.random = random
        self.state = AgentState(id=worker.id)
        self.roster = agents.OFFLINE
        self.since = begin
        self.turns: dict[str, int] = {}
        self.view = AgentView(
            id=worker.id,
            presence=agents.OFFLINE,
            skills=worker.skills,
            languages=worker.languages,
            capacity=worker.capacity,
            stand_in=worker.stand_in,
        )

    def change(self, changes: dict[str, Any]) -> None:
        """Take the changes of a step, as its commit would."""
        self.state = state = agents.changed(self.state, changes)
        self.view = replace(
            self.view,
            presence=state.presence,
            load=agents.load_of(state.holding),
            holding=tuple(state.holding),
            idle_since=state.idle_since.timestamp(),
            turns=self.turns,
            version=state.version,
        )

    def take_turn(self, queue: str) -> None:
        """An offer counts as a turn in a queue that goes round."""
        self.turns = {**self.turns, queue: self.turns.get(queue, 0) + 1}
