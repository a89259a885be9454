"""Live state inside one process: the default, with nothing to install."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from contact_center.clock import Clock
from contact_center.live.base import MISSED

MOST_WAITING: Final = 1000
"""Texts kept for a subscriber that does not take them; then it gets `MISSED` in place of all."""

MOST_BUCKETS: Final = 10_000
_ALMOST: Final = 1e-6

_Bucket = tuple[float, float, float]  # tokens, at, full again at


class MemoryLive:
    """`LiveState` for one event loop of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._subscribers: dict[str, set[asyncio.Queue[str | None]]] = {}

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def rate_limit(self, key: str, limit: int, per_seconds: float) -> bool:
        now = self._now()
        tokens, at, _ = self._buckets.get(key, (float(limit), now, now))
        tokens = min(float(limit), tokens + max(0.0, now - at) * limit / per_seconds)
        allowed = tokens >= 1 - _ALMOST
        if allowed:
            tokens -= 1
        self._buckets[key] = (tokens, max(now, at), now + (limit - tokens) * per_seconds / limit)
        if len(self._buckets) > MOST_BUCKETS:
            self._forget_full_buckets(now)
        return allowed

    def _forget_full_buckets(self, now: float) -> None:
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket[2] > now}

    async def publish(self, topic: str, text: str) -> None:
        for waiting in self._subscribers.get(topic, ()):
            if waiting.full():
                while not waiting.empty():
                    waiting.get_nowait()
                waiting.put_nowait(MISSED)
            else:
                waiting.put_nowait(text)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[str]]:
        waiting: asyncio.Queue[str | None] = asyncio.Queue(MOST_WAITING)
        self._subscribers.setdefault(topic, set()).add(waiting)
        try:
            yield _texts(waiting)
        finally:
            subscribers = self._subscribers.get(topic, set())
            subscribers.discard(waiting)
            if not subscribers:
                self._subscribers.pop(topic, None)

    async def check(self) -> None:
        pass

    async def close(self) -> None:
        for subscribers in self._subscribers.values():
            for waiting in subscribers:
                while waiting.full():
                    waiting.get_nowait()
                waiting.put_nowait(None)


async def _texts(waiting: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    while (text := await waiting.get()) is not None:
        yield text
