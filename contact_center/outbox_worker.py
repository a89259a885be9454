"""Carries out what turns have put into the outbox: at least once, with patience, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from contact_center.room import Room
from crm_store import outbox
from crm_store.errors import StoreError
from crm_store.outbox import OutboxItem, RetryPolicy

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""How long a claimed item is ours: longer than any carrier call takes with its time-outs."""

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
        """Work until cancelled."""
        while True:
            self._woken.clear()
            try:
                while await self.drain():
                    pass
            except StoreError as error:
                log.warning("the outbox could not reach the store and tries again", why=str(error))
            except Exception as error:
                log.exception("the outbox failed and tries again", error=type(error).__name__)
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def drain(self) -> int:
        """Claim what is due and carry it out; how many items there were."""
        at = self.room.clock.now()
        items = await self.room.store.write(
            lambda connection: outbox.claim(connection, at, LEASE, policy=self._policy)
        )
        await asyncio.gather(*(self._carry_out(item) for item in items))
        return len(items)

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
            await self.room.store.write(lambda connection: outbox.done(connection, item, at))
