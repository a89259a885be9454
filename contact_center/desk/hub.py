"""All desk connections of this process: each agent's notices reach each of their desks, in order.

A desk is heard of by answering pings; every few seconds the hub writes down which are alive, in one
statement. A desk that is too slow to take its notices gets a snapshot instead (``reload``), and so does one
that has missed something: the hub compares with the database now and then, and while live state is down once
a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from contact_center.actions.act import act
from contact_center.actions.presence import close_desk, open_desk
from contact_center.actions.shut_out import close_shut_desk
from contact_center.announcing import DESK, LOOK, Notice
from contact_center.desk.marks import Marks, read_marks
from contact_center.live import MISSED, LiveDown
from contact_center.room import Room
from contact_center.sign_in.watch import turned_out
from crm_store import desks
from crm_store.errors import StoreError

log = structlog.get_logger(__name__)

MOST_WAITING: Final = 500
"""Notices kept for a desk that does not take them; then it gets a ``reload`` in place of all."""

SEEN_SECONDS: Final = 5.0
SEEN_PART: Final = 0.25
"""Desks are written down so often, and at least so many times within the grace that a desk has."""

DOWN_SECONDS: Final = 1.0
"""How often the hub compares with the database while live state is down."""

ON_ITS_WAY_SECONDS: Final = 0.5
"""So long after its commit a notice has come, or has been lost."""

RELOAD: Final = Notice("", "reload", {})


def seen_seconds(grace: float) -> float:
    """How often it is written down which desks are alive, by the grace that a desk has."""
    return min(SEEN_SECONDS, grace * SEEN_PART)


@dataclass
class Connection:
    """One desk that is connected to this process: the server drops it as soon as it answers no ping.

    ``token_id``: the session or token with which it came. ``over``: that one lets nobody in any more.
    ``role``: what it may do.
    """

    id: str
    agent_id: str
    token_id: str = ""
    role: str = "agent"
    over: asyncio.Event = field(default_factory=asyncio.Event)
    notices: asyncio.Queue[Notice] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def put(self, notice: Notice) -> None:
        """Have it sent; a desk that is too far behind begins anew."""
        if self.notices.full():
            self.begin()
        else:
            self.notices.put_nowait(notice)

    def more(self) -> list[Notice]:
        """What else waits to be sent by now."""
        return [self.notices.get_nowait() for _ in range(self.notices.qsize())]

    def begin(self) -> None:
        """Have everything shown, in place of what still waits to be sent: that is in it already."""
        while not self.notices.empty():
            self.notices.get_nowait()
        self.notices.put_nowait(RELOAD)


class DeskHub:
    """See the module. ``node`` names this run of this process in the table of desks."""

    def __init__(self, room: Room, node: str) -> None:
        self.room = room
        self.node = node
        self._connections: dict[str, Connection] = {}
        self._by_agent: dict[str, set[str]] = {}
        self._marks = Marks()
        self._down = False
        self._missed = False
        self._look = asyncio.Event()

    def __len__(self) -> int:
        return len(self._connections)

    @asynccontextmanager
    async def connected(
        self, agent_id: str, token_id: str = "", role: str = "agent"
    ) -> AsyncIterator[Connection]:
        """A desk of the agent for the length of the block."""
        desk = Connection(self.room.ids.new("dsk"), agent_id, token_id, role)
        self._connections[desk.id] = desk
        self._by_agent.setdefault(agent_id, set()).add(desk.id)
        try:
            await act(self.room, "desk", lambda deed: open_desk(deed, agent_id, desk.id, self.node))
            yield desk
        finally:
            self._forget(desk)

    def _forget(self, desk: Connection) -> None:
        self._connections.pop(desk.id, None)
        mine = self._by_agent.get(desk.agent_id, set())
        mine.discard(desk.id)
        if not mine:
            self._by_agent.pop(desk.agent_id, None)
            self._marks.forget(desk.agent_id)

    def showed(self, desk: Connection, snapshot: Mapping[str, Any]) -> None:
        """The desk is being sent everything."""
        if desk.id in self._connections:
            self._marks.showed(desk.agent_id, snapshot)

    async def leave(self, desk: Connection) -> None:
        """The desk has said good-bye: its row goes at once. One that is merely gone keeps it for the
        grace.
        """
        self._forget(desk)  # first, or it would be written down as alive once more
        await act(self.room, "desk", lambda deed: close_desk(deed, desk.id, desk.agent_id))

    async def run(self) -> None:
        """Give out notices until cancelled."""
        while True:
            try:
                async with self.room.live.subscribe(DESK) as texts:
                    self._down = False
                    self.room.announcer.live_is_up()
                    self._look_soon()
                    async for text in texts:
                        self._give_out(text)
            except LiveDown as error:
                self._down = True
                self.room.announcer.live_is_down(error)
                self._look_soon()
                await asyncio.sleep(DOWN_SECONDS)

    def _give_out(self, text: str) -> None:
        try:
            notices = msgspec.json.decode(text, type=list[Notice]) if text != MISSED else None
        except msgspec.MsgspecError:  # of another version of this program, while all are restarted
            notices = None
        if notices is None:
            self._look_soon()
            return
        for notice in notices:
            if notice.event == LOOK:
                self._look_soon()
            elif not notice.agent_id:
                self._all(notice)
            else:
                self._marks.heard(notice)
                self._put(notice.agent_id, notice)

    def _put(self, agent_id: str, notice: Notice) -> None:
        for desk_id in self._by_agent.get(agent_id, ()):
            self._connections[desk_id].put(notice)

    def _look_soon(self) -> None:
        self._missed = True
        self._look.set()

    async def look_after(self) -> None:
        """Compare what desks were told with the database, until cancelled: now and then, when something may
        have been missed, and all the time while live state is down.
        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(
                    DOWN_SECONDS if self._down else self.room.config.routing.poll_seconds
                ):
                    await self._look.wait()
            self._look.clear()
            try:
                await self.look()
            except StoreError as error:
                log.warning("what desks may have missed could not be looked for", why=str(error))
                await asyncio.sleep(DOWN_SECONDS)
                self._look_soon()

    async def look(self) -> None:
        """One round of `look_after`."""
        agent_ids = set(self._by_agent)
        if not agent_ids:
            return
        missed, self._missed = self._missed or self._down, False
        found = await self.room.store.read(lambda connection: read_marks(connection, agent_ids))
        late = self._marks.behind(found, journals=missed)
        if late and not missed:  # as a rule their notices are only still on their way
            await asyncio.sleep(ON_ITS_WAY_SECONDS)
            late &= self._marks.behind(found, journals=False)
        for agent_id in late:
            self._put(agent_id, RELOAD)

    def _all(self, notice: Notice) -> None:
        for desk in self._connections.values():
            desk.put(notice)

    async def keep_alive(self) -> None:
        """Write down which desks are alive, until cancelled."""
        while True:
            await asyncio.sleep(seen_seconds(self.room.config.routing.desk_grace_seconds))
            try:
                await self.write_seen()
                await self.turn_out()
            except StoreError as error:
                log.warning("which desks are alive could not be written down", why=str(error))

    async def write_seen(self) -> None:
        """One round of `keep_alive`. A desk that was given up for lost, though it is here, is opened
        again.
        """
        at, alive = self.room.clock.now(), set(self._connections)
        if not alive:
            return
        missing = await self.room.store.write(lambda connection: desks.seen(connection, alive, at))
        for desk_id in missing:
            desk = self._connections.get(desk_id)
            if desk is None:  # gone by now
                continue
            again = partial(open_desk, agent_id=desk.agent_id, desk_id=desk_id, node=self.node)
            await act(self.room, "desk", again)

    async def turn_out(self) -> None:
        """Let go of desks whose session or token is over, or whose agent has left: nothing more is for them
        to hear, and nobody talks behind them.
        """
        for desk in await turned_out(self.room, list(self._connections.values())):
            shut = partial(close_shut_desk, desk_id=desk.id, agent_id=desk.agent_id)
            await act(self.room, "desk", shut)
            self._forget(desk)
            desk.over.set()

    async def close(self) -> None:
        """The process ends in good order: its desks reconnect elsewhere within the grace."""
        self._all(Notice("", "going_away", {}))
