"""Live state: what processes share for the moment, and may lose at any moment (DESIGN D1).

Nothing here is the truth; the database is. Losing it costs a limit or a wake-up, and no contact: who waits to
be woken also looks for itself now and then. Who leads stands in the database (`crm_store.leases`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

MISSED: Final = ""
"""Delivered to a subscriber that may have missed something: look for yourself what there is."""


class LiveDown(Exception):
    """Live state cannot be reached just now; the message names the remedy and holds no personal data."""

    retryable = True


class LiveState(Protocol):
    """Limits and wake-ups. Every method may raise `LiveDown`; `MemoryLive` never does."""

    async def rate_limit(self, key: str, limit: int, per_seconds: float) -> bool:
        """Whether ``key`` may do it once more: ``limit`` at once, and so many again in ``per_seconds``.

        A token bucket: it refills evenly; what is refused costs nothing.
        """
        ...

    async def publish(self, topic: str, text: str) -> None:
        """Wake the subscribers of ``topic``, here and in other processes, with ``text`` (not empty)."""
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """The texts published on ``topic`` from now on, in order; `MISSED` where some may be lost.

        It is subscribed once the block is entered. The texts end with `LiveDown` where live state is lost:
        subscribe anew, and look what was missed.
        """
        ...

    async def check(self) -> None:
        """Return when it can be used."""
        ...

    async def close(self) -> None:
        """Let go of connections; open subscriptions end."""
        ...
