"""The only place where the present is read: everything else is handed a clock (DESIGN D8).

Processes on several machines must agree on the time much better than a lease or an offer lasts, also where a
machine's clock is half a minute off: `StoreClock` goes by the one clock they share, the database's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from crm_store.store import Store


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
        if sys.platform == "linux":
            return time.clock_gettime(time.CLOCK_BOOTTIME)  # goes on while the machine is suspended
        return time.monotonic()


SAMPLES: Final = 5
"""Round trips to the database for one measurement; the quickest is the most exact."""

TOLERATED: Final = timedelta(milliseconds=20)
"""A clock that is off by less is left alone: a correction is a jump, and so little does no harm."""


class Sample(msgspec.Struct, frozen=True):
    """One look at the database's clock: how far it was ahead of ours, and the seconds that looking took.

    The true difference is within half a round trip of ``ahead``, wherever on its way the answer lost time.
    """

    ahead: timedelta
    round_trip: float


def take_samples(connection: Connection, clock: Clock, number: int = SAMPLES) -> list[Sample]:
    """Compare ``clock`` with the database's; none for SQLite, which has the machine's own."""
    if connection.dialect.name == "sqlite":
        return []
    samples = []
    for _ in range(number):
        asked_at, started = clock.now(), clock.monotonic()
        there: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        round_trip = clock.monotonic() - started
        ahead = there - (asked_at + timedelta(seconds=round_trip / 2))
        samples.append(Sample(ahead, round_trip))
    return samples


class StoreClock:
    """The database's time, as `measure` last found it, and the seconds that have passed since.

    Until it is first measured it is ``base``. From then on it does not matter how anybody sets the machine's
    clock. `now` runs back only when a measurement says that it was ahead, and then by no more than that.
    ``offset``: how far it was ahead of ``base`` then.
    """

    def __init__(self, base: Clock) -> None:
        self._base = base
        self.offset = timedelta(0)
        self._measured: tuple[datetime, float] | None = None  # the time, at a reading of `monotonic`

    def now(self) -> datetime:
        return self._base.now() if self._measured is None else self._at(self._base.monotonic())

    def _at(self, ticks: float) -> datetime:
        assert self._measured is not None
        at, then = self._measured
        return at + timedelta(seconds=ticks - then)

    def monotonic(self) -> float:
        return self._base.monotonic()

    async def measure(self, store: Store) -> timedelta:
        """Look at the database's clock; by how much ours was corrected (0: close enough).

        To be called every few seconds: clocks drift, and people set them. Raises `StoreDown`.
        """
        return self.heed(await store.read(lambda connection: take_samples(connection, self._base)))

    def heed(self, samples: Iterable[Sample]) -> timedelta:
        """As `measure`, with samples of ``base`` already taken."""
        best = min(samples, key=lambda sample: sample.round_trip, default=None)
        if best is None:
            return timedelta(0)
        machine, ticks = self._base.now(), self._base.monotonic()
        ours = machine if self._measured is None else self._at(ticks)
        correction = machine + best.ahead - ours
        unsure = max(TOLERATED, timedelta(seconds=best.round_trip / 2))
        if abs(correction) <= unsure:
            correction = timedelta(0)
        self._measured = (ours + correction, ticks)
        self.offset = ours + correction - machine
        return correction


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
