"""`StoreClock`: the database's time, from samples that take a while to arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from contact_center.clock import TOLERATED, ManualClock, Sample, StoreClock, SystemClock, take_samples
from crm_store.store import Store

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MS = timedelta(milliseconds=1)
HALF_MINUTE = timedelta(seconds=30)


def sample(ahead: timedelta, round_trip_ms: float = 1.0) -> Sample:
    return Sample(ahead, round_trip_ms / 1000)


@pytest.mark.parametrize(
    ("samples", "offset"),
    [
        ([], 0 * MS),
        ([sample(HALF_MINUTE)], HALF_MINUTE),
        ([sample(-HALF_MINUTE)], -HALF_MINUTE),
        ([sample(90 * MS, 150), sample(30 * MS, 2), sample(70 * MS, 80)], 30 * MS),  # the quickest counts
        ([sample(15 * MS)], 0 * MS),
        ([sample(-20 * MS)], 0 * MS),
        ([sample(21 * MS)], 21 * MS),
        ([sample(400 * MS, 1000)], 0 * MS),  # it may as well be the way
        ([sample(600 * MS, 1000)], 600 * MS),
    ],
)
def test_the_offset_is_that_of_the_quickest_sample_unless_it_is_small(
    samples: list[Sample], offset: timedelta
) -> None:
    base = ManualClock(AT)
    clock = StoreClock(base)
    assert clock.now() == AT
    assert clock.heed(samples) == offset
    assert (clock.offset, clock.now()) == (offset, AT + offset)
    base.advance(5)
    assert clock.now() == AT + offset + timedelta(seconds=5)
    assert clock.monotonic() == base.monotonic() == 5


def test_small_drift_is_let_be_and_a_clock_set_right_is_followed() -> None:
    clock = StoreClock(ManualClock(AT))
    clock.heed([sample(HALF_MINUTE)])
    assert clock.heed([sample(HALF_MINUTE + 19 * MS)]) == 0 * MS
    assert clock.offset == HALF_MINUTE
    assert clock.heed([sample(0 * MS)]) == -HALF_MINUTE
    assert clock.now() == AT


CLOCKS_OFF = st.timedeltas(min_value=-timedelta(hours=2), max_value=timedelta(hours=2))


@given(st.lists(st.tuples(CLOCKS_OFF, st.floats(0, 0.5), st.floats(0, 1), st.floats(0, 20)), max_size=15))
def test_it_is_never_further_off_than_it_must_be_and_never_runs_back_further(
    steps: list[tuple[timedelta, float, float, float]],
) -> None:
    """Whatever the clock's error and wherever on the way an answer loses its time."""
    base = ManualClock(AT)
    clock = StoreClock(base)
    for off, round_trip, where, seconds in steps:
        base.advance(seconds)
        # The database was read at ``where`` of the round trip; we believe in the middle.
        ahead = off + timedelta(seconds=(where - 0.5) * round_trip)
        before = clock.now()
        correction = clock.heed([Sample(ahead, round_trip)])
        assert clock.now() == before + correction
        error = abs(clock.now() - (base.now() + off))
        assert error <= max(TOLERATED, timedelta(seconds=round_trip / 2)) + timedelta(
            seconds=round_trip / 2, microseconds=2
        )


class _Off(SystemClock):
    """A machine whose clock is half a minute fast."""

    def now(self) -> datetime:
        return super().now() + HALF_MINUTE


async def test_processes_whose_clocks_differ_agree_by_postgresql(fresh_postgres: str) -> None:
    store = Store(fresh_postgres)
    right, fast = StoreClock(SystemClock()), StoreClock(_Off())
    await right.measure(store)
    assert await fast.measure(store) == fast.offset
    assert abs(fast.offset - right.offset + HALF_MINUTE) < timedelta(seconds=5)
    store.close()


def test_the_way_to_the_database_is_taken_out(fresh_postgres: str) -> None:
    """Half of the round trip is taken for the way there: with 3 s there and 1 s back we believe in 2 s."""
    store = Store(fresh_postgres)
    clock = ManualClock(AT)
    before = event.listens_for(store.engine, "before_cursor_execute")
    after = event.listens_for(store.engine, "after_cursor_execute")
    before(lambda *_: clock.advance(3))
    after(lambda *_: clock.advance(1))
    with store.reading() as connection:
        earlier = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        asked_at = clock.now()
        first, second = take_samples(connection, clock, 2)
        later = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    assert first.round_trip == second.round_trip == 4
    there = [asked_at + timedelta(seconds=2) + first.ahead, asked_at + timedelta(seconds=6) + second.ahead]
    assert [earlier, *there, later] == sorted([earlier, *there, later])
    store.close()


async def test_sqlite_has_the_machines_own_clock(fresh_sqlite: str) -> None:
    store = Store(fresh_sqlite)
    clock = StoreClock(ManualClock(AT))
    assert await clock.measure(store) == 0 * MS
    assert clock.now() == AT
    store.close()


def test_a_clock_that_is_set_while_we_run_changes_nothing() -> None:
    """Between two measurements only seconds count: no offer runs out because a machine's clock jumps."""

    class Jumping(ManualClock):
        jump = timedelta(0)

        def now(self) -> datetime:
            return super().now() + self.jump

    base = Jumping(AT)
    clock = StoreClock(base)
    clock.heed([sample(0 * MS)])
    base.jump = HALF_MINUTE
    base.advance(2)
    assert clock.now() == AT + timedelta(seconds=2)
    assert clock.heed([sample(-HALF_MINUTE)]) == 0 * MS
    assert clock.now() == AT + timedelta(seconds=2)
