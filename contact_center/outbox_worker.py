"""Carries out what turns have put into the outbox: at least once, with patience, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from contact_center.room import Room
from crm_store import outbox
from crm_store.errors import StoreError
from crm_store.outbox import OutboxItem, RetryPolicy

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=8)
"""How long a claimed item stays ours without a word: so long it lies still where a process has died."""

PROLONG_SECONDS = 2.0
"""How often we say that we are still at it: a carrier's call may take longer than a lease."""

STOP_SECONDS = 5.0
"""How long a worker that is stopped still finishes what it has begun."""

MOST_BATCHES = 32
"""Claims being carried out at once."""

IDLE_SECONDS = 2.0
"""How often an idle worker looks, in case a wake-up was lost (another process wrote, or we restarted)."""


class Undeliverable(Exception):
    """It can never be done (no such number, opted out): the message says why, without personal data."""


Handler = Callable[[OutboxItem], Awaitable[None]]


class OutboxWorker:
    """`handlers` by topic. `wake` after a commit that added a row; `drain` does what is due and returns."""

    def __init__(self, room: Room, handlers: Mapping[str, Handler]) -> None:
        self.room = room
        self.handlers = handlers
        self._woken = asyncio.Event()
        settings = room.config.outbox
        self._policy = RetryPolicy(
            settings.attempts,
            timedelta(seconds=settings.backoff_seconds),
            timedelta(seconds=settings.longest_backoff_seconds),
        )

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled; then finish what has begun. What is slow keeps nothing else waiting."""
        busy: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._woken.clear()
                try:
                    while len(busy) < MOST_BATCHES and (items := await self._claim()):
                        self._begin(items, busy)
                except StoreError as error:
                    log.warning("the outbox could not reach the store and tries again", why=str(error))
                except Exception as error:
                    log.exception("the outbox failed and tries again", error=type(error).__name__)
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._woken.wait()
        finally:
            if busy:
                await asyncio.wait(busy, timeout=STOP_SECONDS)

    def _begin(self, items: Sequence[OutboxItem], busy: set[asyncio.Task[None]]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            if len(busy) == MOST_BATCHES:
                self.wake()  # there is room again for what was due meanwhile
            busy.discard(task)
            error = None if task.cancelled() else task.exception()
            if error is not None:
                log.warning("the outbox could not note what it has done", error=type(error).__name__)

        task = asyncio.create_task(self._carry_out_all(items))
        busy.add(task)
        task.add_done_callback(ended)

    async def drain(self) -> int:
        """Claim what is due and carry it out; how many items there were."""
        items = await self._claim()
        if items:
            await self._carry_out_all(items)
        return len(items)

    async def _claim(self) -> list[OutboxItem]:
        at = self.room.clock.now()
        if not await self.room.store.read_quick(lambda connection: outbox.is_due(connection, at)):
            return []
        return await self.room.store.write(
            lambda connection: outbox.claim(connection, at, LEASE, policy=self._policy), quick=True
        )

    async def _carry_out_all(self, items: Sequence[OutboxItem]) -> None:
        keeping = asyncio.create_task(self._keep(items))
        try:
            done = await asyncio.gather(*map(self._carry_out, items), return_exceptions=True)
        finally:
            keeping.cancel()
        for result in done:
            if result is not None:
                raise result

    async def _keep(self, items: Sequence[OutboxItem]) -> None:
        """Prolong the lease of what is not done yet."""
        while True:
            await asyncio.sleep(PROLONG_SECONDS)
            until = self.room.clock.now() + LEASE
            try:
                await self.room.store.write(partial(outbox.prolong, items=items, until=until))
            except StoreError as error:
                log.warning("the outbox could not say that it is still at work", why=str(error))

    async def _carry_out(self, item: OutboxItem) -> None:
        handler = self.handlers.get(item.topic)
        try:
            if handler is None:
                raise Undeliverable(f"nothing here handles '{item.topic}'; is its carrier enabled?")
            await handler(item)
        except Undeliverable as error:
            text = str(error)
            await self.room.store.write(lambda connection: outbox.give_up(connection, item, text))
        except StoreError:
            raise
        except Exception as error:
            what = f"{type(error).__name__}"
            log.warning("an outbox item failed and is tried again", topic=item.topic, error=what)
            at = self.room.clock.now()
            await self.room.store.write(
                lambda connection: outbox.retry(connection, item, what, at, policy=self._policy)
            )
        else:
            at = self.room.clock.now()
            await self.room.store.write(lambda connection: outbox.done(connection, item, at), quick=True)
