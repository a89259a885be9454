"""What falls due while nobody does anything: offers, wrap-ups, connections, desks and shifts (the leader's
duty).

Each is a small action that looks again inside its own transaction, so that being late, early or twice is
harmless."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy.engine import Connection

from contact_center import agent as agent_life
from contact_center import work as life
from contact_center.actions.act import Act, act
from contact_center.actions.offers import expire_offer
from contact_center.actions.presence import DESK_GONE, DESK_LOST, end_shift, lose_desk, on_shift
from contact_center.actions.talk import finish, free_agent, requeue
from contact_center.desk.hub import seen_seconds
from contact_center.room import Room
from crm_store import agent_states, agents, desks, offers, works
from crm_store.agent_states import AgentState
from crm_store.errors import StoreError

if TYPE_CHECKING:
    from contact_center.dispatcher import Dispatcher

log = structlog.get_logger(__name__)

LONGEST_WAIT: Final = 0.5
"""Seconds between two looks at the latest: so late at most is whatever falls due."""

SHORTEST_WAIT: Final = 0.1
"""And at the soonest: a look costs as much as an offer does."""

SHIFTS_EVERY: Final = 30.0

SPARED_ROUNDS: Final = 2.0
"""Rounds in which desks are written down, before the first is given up for lost."""


class Duties:
    """See the module. ``run`` until the lease is lost; ``once`` is one look, for tests."""

    def __init__(self, room: Room, dispatcher: Dispatcher) -> None:
        self.room = room
        self.dispatcher = dispatcher
        self._shifts_at = 0.0
        self._desks_from = 0.0

    async def run(self) -> None:
        """Look whenever something falls due."""
        self._spare_desks()
        while True:
            try:
                wait = await self.once()
            except StoreError as error:
                log.warning("what fell due waits for the store", why=str(error))
                self._spare_desks()
                wait = LONGEST_WAIT
            await asyncio.sleep(max(SHORTEST_WAIT, min(LONGEST_WAIT, wait)))

    def _spare_desks(self) -> None:
        """Where the store was away no desk could be written down as alive: give them the time to be."""
        seconds = SPARED_ROUNDS * seen_seconds(self.room.config.routing.desk_grace_seconds)
        self._desks_from = self.room.clock.monotonic() + seconds

    async def once(self) -> float:
        """Do what is due; seconds until the next thing is."""
        at = self.room.clock.now()
        settings = self.room.config.routing
        grace = at - timedelta(seconds=settings.desk_grace_seconds)

        def read(connection: Connection) -> tuple[list[str], list[str], list[str], list[datetime]]:
            overdue = [offer.id for offer in offers.due(connection, at)]
            late = [work.id for work in works.due(connection, at)]
            lost = sorted({desk.agent_id for desk in desks.lost(connection, grace)})
            return overdue, late, lost, _next_dues(connection)

        overdue, late, lost, nexts = await self.room.store.read(read)
        for offer_id in overdue:
            await self._do(partial(expire_offer, offer_id=offer_id))
        for work_id in late:
            await self._do(partial(_overdue, work_id=work_id))
        for agent_id in lost if self.room.clock.monotonic() >= self._desks_from else ():
            await self._do(partial(lose_desk, agent_id=agent_id, before=grace))
        await self._strand(at)
        await self._shifts()
        later = [(due - at).total_seconds() for due in nexts if due > at]
        return min(later, default=LONGEST_WAIT)

    async def _strand(self, at: datetime) -> None:
        """Take the work from agents whose desks have been gone for too long."""
        before = at - timedelta(seconds=self.room.config.routing.strand_seconds)

        def read(connection: Connection) -> list[str]:
            return [
                state.id for state in agent_states.list_holding(connection) if _is_stranded(state, before)
            ]

        for agent_id in await self.room.store.read(read):
            await self._do(partial(_free_if_stranded, agent_id=agent_id, before=before))

    async def _shifts(self) -> None:
        now = self.room.clock.monotonic()
        if now - self._shifts_at < SHIFTS_EVERY:
            return
        self._shifts_at = now

        def read(connection: Connection) -> list[tuple[str, str]]:
            found = agents.list_agents(connection, active=True)
            return [(agent.id, agent.shifts) for agent in found if agent.shifts]

        for agent_id, shifts in await self.room.store.read(read):
            await self._do(partial(_end_if_over, agent_id=agent_id, shifts=shifts))

    async def _do(self, action: Callable[[Act], object]) -> None:
        try:
            await act(self.room, "router", action)
        except StoreError as error:
            log.warning("something that fell due could not be done and is tried again", why=str(error))


def _next_dues(connection: Connection) -> list[datetime]:
    found = (offers.next_due(connection), works.next_due(connection))
    return [due for due in found if due is not None]


def _end_if_over(deed: Act, agent_id: str, shifts: str) -> None:
    if not on_shift(deed, shifts):
        end_shift(deed, agent_id)


def _is_stranded(state: AgentState, before: datetime) -> bool:
    without_desk = state.presence == agent_life.NOT_RESPONDING and state.reason in (DESK_LOST, DESK_GONE)
    return without_desk and state.since <= before


def _free_if_stranded(deed: Act, agent_id: str, before: datetime) -> None:
    """Who is back by now keeps everything."""
    if _is_stranded(agent_states.find(deed.connection, agent_id), before):
        free_agent(deed, agent_id, "agent_lost")


def _overdue(deed: Act, work_id: str) -> None:
    """A wrap-up that took too long is over; a connection that never came about is given up."""
    work = works.get(deed.connection, work_id)
    if work.due_at is None or work.due_at > deed.at:
        return
    if work.state == life.WRAP_UP:
        finish(deed, work)
    elif work.state == life.CONNECTING:
        deed.told.notice(work.agent_id or "", "trouble", {"work_id": work.id, "reason": "not_connected"})
        requeue(deed, work, "not_connected")
    else:
        deed.change_work(work, {"due_at": None})
