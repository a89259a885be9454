"""Live state: what processes share for the moment, and may lose at any moment (DESIGN D1).

Nothing here is the truth; the database is. Losing it costs a limit, a wake-up or a leader for some
seconds, and no contact.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

import msgspec

MISSED: Final = ""
"""Delivered to a subscriber that may have missed something: look for yourself what there is."""


class LiveDown(Exception):
    """Live state cannot be reached just now; the message names the remedy and holds no personal data."""

    retryable = True


class Lease(msgspec.Struct, frozen=True):
    """The right of ``holder`` to be the only one who does ``name``, for a while.

    ``fence`` grows with every new lease of that name. Whoever writes under a lease writes its fence too, so
    that what a former holder writes late can be told and refused.
    """

    name: str
    holder: str
    fence: int


class LiveState(Protocol):
    """Limits, leases and wake-ups. Every method may raise `LiveDown`; `MemoryLive` never does.

    Time is the clock's, so the clocks of machines that share a Redis must agree much better than a
    lease lasts.
    """

    async def rate_limit(self, key: str, limit: int, per_seconds: float) -> bool:
        """Whether ``key`` may do it once more: ``limit`` at once, and so many again in ``per_seconds``.

        A token bucket: it refills evenly; what is refused costs nothing.
        """
        ...

    async def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Become the holder of ``name`` for ``seconds``; None where somebody else is.

        Who holds it already gets the same lease again, prolonged.
        """
        ...

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Prolong to ``seconds`` from now. False where it has ended or is somebody else's: stop at once."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give it up, if it is still held."""
        ...

    async def publish(self, topic: str, text: str) -> None:
        """Wake the subscribers of ``topic``, here and in other processes, with ``text`` (not empty)."""
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """The texts published on ``topic`` from now on, in order; `MISSED` where some may be lost.

        It is subscribed once the block is entered.
        """
        ...

    async def check(self) -> None:
        """Return when it can be used."""
        ...

    async def close(self) -> None:
        """Let go of connections; open subscriptions end."""
        ...
