"""The dispatcher: one process leads, feeds the pure router with committed changes, and commits what it
proposes (D4).

    lease (in the database) -> rebuild -> changes in, proposals out, each committed conditionally -> lease
    lost

Changes come by wake-ups of live state, with whole rows and versions. Should one be lost, or live
state be down, a comparison with the database finds it. Whoever does not lead waits for the lease to be free.
What falls due (offers, wrap-ups, desks, shifts) is the leader's as well, in `contact_center.duties`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec
import structlog
from sqlalchemy.engine import Connection

from contact_center.actions.act import act
from contact_center.actions.offers import LEADER, make_offer, move_work
from contact_center.announcing import ROUTING, Changed
from contact_center.duties import Duties
from contact_center.feed import Feed, Picture
from contact_center.live import MISSED, LiveDown
from contact_center.room import Room
from contact_center.routing.model import Move, Offer, Proposal
from crm_store import leases
from crm_store.errors import StoreError
from crm_store.leases import Fenced, Lease

log = structlog.get_logger(__name__)

RENEW_PART: Final = 0.3
"""Of the lease's length: how often it is renewed."""

DOWN_SECONDS: Final = 1.0
"""How often the leader looks into the database while live state is down."""

AT_ONCE: Final = 64
"""Proposals committed side by side."""


@dataclass
class Signals:
    """For tests and benchmarks: what has happened, to be waited for instead of slept for."""

    leading: asyncio.Event


class Dispatcher:
    """See the module. ``holder`` names this run of this process."""

    def __init__(self, room: Room, holder: str) -> None:
        self.room = room
        self.holder = holder
        self.signals = Signals(asyncio.Event())
        self.feed = Feed(room)
        self.lease: Lease | None = None
        self._duties = Duties(room, self)
        self._woken = asyncio.Event()
        self._compare = False
        self._quick = False

    @property
    def leads(self) -> bool:
        """Whether this process leads just now, as far as it knows."""
        return self.lease is not None

    async def run(self) -> None:
        """Lead whenever nobody else does, until cancelled; then give the lease up."""
        settings = self.room.config.routing
        try:
            while True:
                try:
                    self.lease = await self._take()
                    if self.lease is not None:
                        await self._lead(self.lease)
                except StoreError as error:
                    log.warning("routing waits for the store", why=str(error))
                except Exception as error:
                    log.exception("routing failed and begins anew", error=type(error).__name__)
                self._lost()
                await self._sleep(settings.lease_seconds * RENEW_PART)
        finally:
            await self._release()

    async def step(self) -> None:
        """One whole round at this moment, without waiting for anything: lead, look, decide, do what is due.

        For tests and tools that hold the clock themselves. Raises `Fenced` where another process leads.
        """
        self.lease = await self._take()
        if self.lease is None:
            raise Fenced("another process leads routing")
        if not self.signals.leading.is_set():
            await self._rebuild(self.lease)
        await self._duties.once()
        while True:
            self.feed.begin_look()
            self.feed.compare(await self._picture())
            if not await self._decide(self.lease):
                return

    async def _take(self) -> Lease | None:
        at, seconds = self.room.clock.now(), self.room.config.routing.lease_seconds
        return await self.room.store.write(
            lambda connection: leases.take(connection, LEADER, self.holder, seconds, at)
        )

    def _lost(self) -> None:
        self.lease = None
        self.room.metrics.set_leading(False)
        self.signals.leading.clear()

    async def _release(self) -> None:
        lease = self.lease
        self._lost()
        if lease is not None:
            with suppress(StoreError):
                await self.room.store.write(lambda connection: leases.release(connection, lease))
                log.info("this process has given up leading routing")

    # --- leading -------------------------------------------------------------------------------------

    async def _lead(self, lease: Lease) -> None:
        """Until the lease is lost. Whatever part fails, all of it ends, and everything is built anew."""
        tell = log.debug if self.room.store.is_sqlite else log.info  # alone there is nobody else to lead
        tell("this process leads routing", fence=lease.fence)
        work = [
            asyncio.create_task(self._renew(lease)),
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._route(lease)),
            asyncio.create_task(self._duties.run()),
        ]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for task in work:
                if task.done():
                    task.result()
        except Fenced as fenced:
            log.warning("this process leads routing no more", why=str(fenced))
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _renew(self, lease: Lease) -> None:
        seconds = self.room.config.routing.lease_seconds
        while True:
            await self._sleep(seconds * RENEW_PART)
            renew = partial(leases.renew, lease=lease, seconds=seconds, at=self.room.clock.now())
            try:
                async with asyncio.timeout(seconds * (1 - RENEW_PART)):
                    kept = await self.room.store.write(renew)
            except TimeoutError:
                raise Fenced("the store does not answer, and the lease runs out") from None
            if not kept:
                raise Fenced("the lease has run out")

    async def _listen(self) -> None:
        """Changes as they are committed, here and elsewhere."""
        while True:
            try:
                async with self.room.live.subscribe(ROUTING) as texts:
                    self._quick = False
                    self.room.announcer.live_is_up()
                    self.compare()
                    await self._take_in(texts)
            except LiveDown as error:
                self._quick = True
                self.room.announcer.live_is_down(error)
                self.compare()
                await self._sleep(DOWN_SECONDS)

    async def _take_in(self, texts: AsyncIterator[str]) -> None:
        async for text in texts:
            try:
                changed = msgspec.json.decode(text, type=Changed) if text != MISSED else None
            except msgspec.MsgspecError:  # of another version of this program, while all are restarted
                changed = None
            if changed is None:
                self.compare()
                continue
            self.feed.take(changed)
            if self.feed.wants_setup:
                self._compare = True
            self.wake()

    def compare(self) -> None:
        """Look into the database for what may have been missed, soon."""
        self._compare = True
        self.wake()

    def wake(self) -> None:
        """There may be something to decide."""
        self._woken.set()

    async def _route(self, lease: Lease) -> None:
        await self._rebuild(lease)
        self.room.announcer.look()
        loop = asyncio.get_running_loop()
        compared = loop.time()
        while True:
            self._woken.clear()
            if self._compare or loop.time() - compared >= self._poll_seconds():
                self._compare = False
                self.feed.begin_look()
                self.feed.compare(await self._picture())
                compared = loop.time()
            while await self._decide(lease):
                continue
            await self._wait_for_change()

    async def _decide(self, lease: Lease) -> bool:
        """Commit what the router proposes now; whether to ask it again at once."""
        proposals = self.feed.decide()
        kept = True
        for first in range(0, len(proposals), AT_ONCE):
            some = proposals[first : first + AT_ONCE]
            kept = all(await asyncio.gather(*(self._commit(each, lease) for each in some))) and kept
        return bool(proposals) and kept

    def _poll_seconds(self) -> float:
        return DOWN_SECONDS if self._quick else self.room.config.routing.poll_seconds

    async def _wait_for_change(self) -> None:
        """Until something changed, or time alone changes something."""
        wait = min(self._poll_seconds(), self.feed.seconds_to_next())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait)):
                await self._woken.wait()

    async def _rebuild(self, lease: Lease) -> None:
        began = self.room.clock.monotonic()
        self.feed.begin_look()
        self.feed.restart(await self._picture())
        seconds = round(self.room.clock.monotonic() - began, 3)
        log.debug(
            "routing was built from the database", count=len(self.feed), seconds=seconds, fence=lease.fence
        )
        self.room.metrics.set_leading(True)
        self.signals.leading.set()

    async def _picture(self) -> Picture:
        at, strategy = self.room.clock.now(), self.room.config.routing.strategy

        def read(connection: Connection) -> Picture:
            return Picture.read(connection, at, strategy)

        return await self.room.store.read(read)

    async def _commit(self, proposal: Proposal, lease: Lease) -> bool:
        """Commit one proposal; where the database will not have it (False), the router thinks again."""
        try:
            if await self._dispose(proposal, lease):
                return True
        except Fenced:
            raise
        except StoreError as error:
            log.warning("a decision of the router could not be kept", why=str(error))
            self.room.metrics.meet_conflict()
        self.feed.release(proposal)
        self.compare()
        return False

    async def _dispose(self, proposal: Proposal, lease: Lease) -> bool:
        if isinstance(proposal, Move):
            move = proposal
            return bool(
                await act(
                    self.room,
                    "router",
                    lambda deed: move_work(deed, move.item_id, move.to, move.reason, lease.fence),
                )
            )
        offer: Offer = proposal
        made = await act(
            self.room,
            "router",
            lambda deed: make_offer(deed, offer.item_id, offer.agent_id, offer.why, lease.fence),
        )
        return made is not None

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
