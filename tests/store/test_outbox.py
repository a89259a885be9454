from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crm_store import outbox, schema
from crm_store.errors import NotFound, Refused
from crm_store.outbox import OutboxItem, RetryPolicy
from crm_store.store import Store
from tests.store.making import AT

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
POLICY = RetryPolicy(attempts=3, first_delay=5 * SECOND, longest_delay=8 * SECOND)


def _add(store: Store, item_id: str, at: datetime = AT) -> None:
    with store.writing() as connection:
        row = outbox.row(item_id, "webhook", {"正文": [1, 2]}, at, contact_id="con_1")
        connection.execute(schema.outbox.insert(), row)


def _claim(store: Store, at: datetime, limit: int = 20) -> list[OutboxItem]:
    with store.writing() as connection:
        return outbox.claim(connection, at, LEASE, limit, POLICY)


def test_what_is_due_is_claimed_longest_due_first(store: Store) -> None:
    _add(store, "out_b", AT + SECOND)
    _add(store, "out_a", AT)
    _add(store, "out_later", AT + 3 * SECOND)
    first = _claim(store, AT + SECOND, limit=1)
    assert [(item.id, item.attempts, item.payload) for item in first] == [("out_a", 1, {"正文": [1, 2]})]
    assert [item.id for item in _claim(store, AT + SECOND)] == ["out_b"]
    assert _claim(store, AT + SECOND) == []


def test_what_is_done_is_over(store: Store) -> None:
    _add(store, "out_1")
    (item,) = _claim(store, AT)
    with store.writing() as connection:
        outbox.done(connection, item, AT + SECOND)
        found = outbox.get(connection, "out_1")
        assert (found.status, found.done_at, found.next_at) == ("done", AT + SECOND, None)
    assert _claim(store, AT + LEASE * 2) == []


def test_a_row_comes_back_when_its_worker_died(store: Store) -> None:
    _add(store, "out_1")
    assert _claim(store, AT)[0].attempts == 1
    assert _claim(store, AT + LEASE - SECOND) == []
    assert _claim(store, AT + LEASE)[0].attempts == 2


def test_a_worker_that_is_still_at_it_keeps_what_it_has_claimed(store: Store) -> None:
    _add(store, "out_a")
    _add(store, "out_b")
    first, second = _claim(store, AT)
    with store.writing() as connection:
        outbox.done(connection, second, AT)
        assert outbox.prolong(connection, [first, second], AT + 2 * LEASE) == 1
    assert _claim(store, AT + LEASE) == []
    (again,) = _claim(store, AT + 2 * LEASE)
    assert again.id == "out_a"
    with store.writing() as connection:
        assert outbox.prolong(connection, [first], AT + 9 * LEASE) == 0, "it is another worker's by now"
    assert len(_claim(store, AT + 3 * LEASE)) == 1


def test_failures_wait_twice_as_long_each_time_then_the_row_is_dead(store: Store) -> None:
    _add(store, "out_1")
    now, waits = AT, []
    for _ in range(3):
        (item,) = _claim(store, now)
        with store.writing() as connection:
            item = outbox.retry(connection, item, "connection refused", now, POLICY)
        if item.next_at is not None:
            waits.append((item.next_at - now).total_seconds())
            assert _claim(store, item.next_at - SECOND) == []
            now = item.next_at
    assert waits == [5.0, 8.0]
    assert (item.status, item.attempts, item.error) == ("dead", 3, "connection refused")
    assert _claim(store, now + timedelta(days=9)) == []


def test_a_row_whose_workers_always_die_is_dead_too(store: Store) -> None:
    _add(store, "out_1")
    for attempt in range(3):
        assert len(_claim(store, AT + attempt * LEASE)) == 1
    assert _claim(store, AT + 3 * LEASE) == []
    with store.reading() as connection:
        assert outbox.get(connection, "out_1").status == "dead"


def test_a_worker_that_was_too_slow_changes_nothing(store: Store) -> None:
    _add(store, "out_1")
    (slow,) = _claim(store, AT)
    (quick,) = _claim(store, AT + LEASE)
    with store.writing() as connection:
        assert outbox.retry(connection, slow, "too late", AT + LEASE, POLICY) == quick
        assert outbox.give_up(connection, slow, "too late") == quick


def test_the_dead_are_listed_and_can_be_sent_again(store: Store) -> None:
    for number in range(3):
        _add(store, f"out_{number}", AT + number * SECOND)
    claimed = _claim(store, AT + 2 * SECOND)
    with store.writing() as connection:
        for item in claimed[:2]:
            outbox.give_up(connection, item, "x" * 400)
        dead = outbox.list_dead(connection).items
        assert [item.id for item in dead] == ["out_1", "out_0"]
        again = outbox.requeue(connection, "out_0", AT + LEASE)
        assert (again.status, again.attempts, again.error) == ("pending", 0, "")
        with pytest.raises(Refused, match="pending"):
            outbox.requeue(connection, "out_0", AT)
        with pytest.raises(NotFound):
            outbox.requeue(connection, "out_9", AT)
    assert [item.id for item in _claim(store, AT + LEASE)] == ["out_0"]


def test_two_workers_at_once_never_get_the_same_row(store: Store) -> None:
    for number in range(4):
        _add(store, f"out_{number}")
    if store.is_sqlite:  # the second one waits for the first
        taken = [_claim(store, AT, limit=2), _claim(store, AT, limit=2)]
    else:
        with store.writing() as one, store.writing() as other:
            taken = [outbox.claim(one, AT, LEASE, 2), outbox.claim(other, AT, LEASE, 2)]
    assert sorted(item.id for items in taken for item in items) == [f"out_{n}" for n in range(4)]


def test_what_was_done_long_ago_is_forgotten_and_nothing_else(store: Store) -> None:
    for number in range(3):
        _add(store, f"out_{number}")
    items = _claim(store, AT)
    with store.writing() as connection:
        outbox.done(connection, items[0], AT)
        outbox.done(connection, items[1], AT + SECOND)
        assert outbox.prune(connection, AT + SECOND) == 1
        assert outbox.get(connection, "out_1").status == "done"
        assert outbox.get(connection, "out_2").status == "pending"
        with pytest.raises(NotFound):
            outbox.get(connection, "out_0")


def test_the_longest_delay_bounds_any_number_of_attempts() -> None:
    assert RetryPolicy().delay(1) == 5 * SECOND
    assert RetryPolicy().delay(3) == 20 * SECOND
    assert RetryPolicy().delay(10_000) == timedelta(hours=1)
