"""Leases: one holder at a time, and nothing written under an old fence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from crm_store import leases, schema
from crm_store.errors import Conflict
from crm_store.leases import Fenced, Lease
from crm_store.store import Store
from tests.store.making import AT

SECOND = timedelta(seconds=1)


def take(connection: Connection, holder: str, at: datetime = AT, name: str = "routing") -> Lease | None:
    return leases.take(connection, name, holder, 10, at)


def taken(connection: Connection, holder: str, at: datetime = AT) -> Lease:
    lease = take(connection, holder, at)
    assert lease is not None
    return lease


def test_a_lease_is_one_holders(connection: Connection) -> None:
    assert leases.current(connection, "routing") is None
    one = taken(connection, "one")
    assert one == Lease(name="routing", holder="one", fence=1, until=AT + 10 * SECOND)
    assert take(connection, "two") is None
    assert take(connection, "two", name="sweep") is not None
    assert leases.current(connection, "routing") == one


def test_asking_again_prolongs_and_is_the_same_lease(connection: Connection) -> None:
    first = taken(connection, "one")
    again = taken(connection, "one", AT + 9 * SECOND)
    assert (again.fence, again.until) == (first.fence, AT + 19 * SECOND)
    assert take(connection, "two", AT + 18 * SECOND) is None


def test_one_that_has_run_out_is_free_and_the_next_has_a_higher_fence(connection: Connection) -> None:
    first = taken(connection, "one")
    assert take(connection, "two", AT + 9.9 * SECOND) is None
    second = taken(connection, "two", AT + 10 * SECOND)
    assert second.fence > first.fence
    assert not leases.renew(connection, first, 10, AT + 10 * SECOND)
    leases.release(connection, first)
    assert leases.current(connection, "routing") == second


def test_renewing_prolongs(connection: Connection) -> None:
    lease = taken(connection, "one")
    for seconds in (9, 18, 27):
        assert leases.renew(connection, lease, 10, AT + seconds * SECOND)
        assert take(connection, "two", AT + (seconds + 9) * SECOND) is None
    assert taken(connection, "two", AT + 37 * SECOND).holder == "two"


def test_what_has_run_out_is_not_renewed_and_is_new_when_taken_again(connection: Connection) -> None:
    lease = taken(connection, "one")
    assert not leases.renew(connection, lease, 10, AT + 10 * SECOND)
    assert taken(connection, "one", AT + 10 * SECOND).fence > lease.fence


def test_a_released_lease_is_free_at_once_and_its_fence_is_used_up(connection: Connection) -> None:
    lease = taken(connection, "one")
    leases.release(connection, lease)
    leases.release(connection, lease)
    assert leases.current(connection, "routing") is None
    assert not leases.holds(connection, lease)
    assert not leases.renew(connection, lease, 10, AT)
    assert taken(connection, "two").fence > lease.fence


def test_an_old_fence_writes_nothing(connection: Connection) -> None:
    old = taken(connection, "one")
    leases.check_fence(connection, "routing", old.fence)
    later = AT + 60 * SECOND
    assert leases.holds(connection, old)  # it has run out, but nobody else has led
    new = taken(connection, "two", later)
    assert not leases.holds(connection, old)
    with pytest.raises(Fenced, match="routing") as caught:
        leases.check_fence(connection, "routing", old.fence)
    assert isinstance(caught.value, Conflict)
    assert not caught.value.retryable
    leases.check_fence(connection, "routing", new.fence)
    with pytest.raises(Fenced):
        leases.check_fence(connection, "sweep", 1)


STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "renew", "release", "wait"]), st.integers(0, 2), st.integers(1, 8)),
    max_size=30,
)


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_one_holds_it_and_fences_rise(
    connection: Connection, steps: list[tuple[str, int, int]]
) -> None:
    connection.execute(schema.leases.delete())
    now, mine, fences = AT, dict[int, Lease](), list[int]()
    for what, who, seconds in steps:
        own = mine.get(who)
        if what == "wait":
            now += seconds * SECOND
        elif what == "take":
            lease = leases.take(connection, "routing", f"{who}", seconds, now)
            if lease is not None:
                mine[who] = lease
                fences.append(lease.fence)
            else:
                assert own is None or not leases.renew(connection, own, seconds, now)
        elif own is not None and what == "renew":
            if leases.renew(connection, own, seconds, now):
                assert leases.holds(connection, own)
        elif own is not None:
            leases.release(connection, own)
        assert sum(leases.holds(connection, lease) for lease in mine.values()) <= 1
    assert fences == sorted(fences)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("known", [False, True], ids=["first-ever", "run-out"])
def test_of_many_at_once_one_becomes_the_holder(store: Store, known: bool) -> None:
    if known:
        with store.writing() as connection:
            take(connection, "old", AT - 60 * SECOND)
    together = threading.Barrier(6)
    answers: dict[int, Lease | None] = {}

    def ask(number: int) -> None:
        together.wait()
        with store.writing() as connection:
            answers[number] = take(connection, f"{number}")

    in_threads(6, ask)
    assert len(answers) == 6
    assert sum(answer is not None for answer in answers.values()) == 1


class Follower:
    """Asks for the lease in a transaction of its own; PostgreSQL tells when that waits for another's lock."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.answer: Lease | None = None
        self._backend = 0
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        with self.store.writing() as connection:
            self._backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            self._begun.set()
            self.answer = take(connection, "two")

    def start(self, connection: Connection) -> None:
        """Ask, and return once it waits for a lock (or, wrongly, is done)."""
        self._thread.start()
        self._begun.wait()
        blocked = "SELECT cardinality(pg_blocking_pids(%s)) > 0"
        while self._thread.is_alive():
            if connection.exec_driver_sql(blocked, (self._backend,)).scalar_one():
                return

    def wait(self) -> Lease | None:
        self._thread.join()
        return self.answer


@pytest.mark.parametrize("known", [False, True], ids=["first-ever", "run-out"])
def test_who_asks_while_another_is_taking_it_waits_and_gets_nothing(store: Store, known: bool) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    if known:
        with store.writing() as connection:
            take(connection, "old", AT - 60 * SECOND)
    follower = Follower(store)
    with store.writing() as connection:
        lease = taken(connection, "one")
        follower.start(connection)
    assert follower.wait() is None
    with store.reading() as connection:
        assert leases.current(connection, "routing") == lease


def test_what_is_written_under_a_fence_comes_before_the_next_holder(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    with store.writing() as connection:
        old = taken(connection, "one", AT - 60 * SECOND)
    follower = Follower(store)
    with store.writing() as connection:
        leases.check_fence(connection, "routing", old.fence)
        follower.start(connection)
        assert follower.answer is None
    lease = follower.wait()
    assert lease is not None
    assert lease.fence > old.fence
