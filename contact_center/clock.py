"""The only place where the present is read: everything else is handed a clock (DESIGN D8)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is, for the services that need to know."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring how long something took."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to: virtual time for simulations and tests."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)
        self._started = self._now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._started).total_seconds()

    def advance(self, seconds: float) -> None:
        """Move on by ``seconds``."""
        self._now += timedelta(seconds=seconds)
