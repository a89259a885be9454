"""Pages: every item once and in order, whatever the limit; and no cursor that is worse than refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.errors import Refused
from crm_store.paging import MAX_LIMIT, decode_cursor, encode_cursor, fetch_page
from crm_store.store import Store

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_a = schema.audit.c


def fill(connection: Connection, moments: list[int]) -> list[tuple[datetime, str]]:
    """Audit rows so many microseconds after `AT`; their sort keys."""
    keys = [(AT + timedelta(microseconds=moment), f"aud_{n:04}") for n, moment in enumerate(moments)]
    rows = [
        {"id": key, "at": at, "actor": "a", "action": "b", "subject": "c", "data": {}} for at, key in keys
    ]
    if rows:
        connection.execute(schema.audit.insert(), rows)
    return keys


def walk(connection: Connection, **options: Any) -> list[tuple[datetime, str]]:
    found: list[tuple[datetime, str]] = []
    cursor = None
    while True:
        page = fetch_page(
            connection,
            sa.select(_a.at, _a.id),
            lambda row: (row.at, row.id),
            by=(_a.at, _a.id),
            cursor=cursor,
            **options,
        )
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.integers(0, 5) | st.sampled_from([999_999, 1_000_000]), max_size=25),
    limit=st.integers(1, 8),
    descending=st.booleans(),
)
def test_walking_gives_everything_once_in_order(
    store: Store, moments: list[int], limit: int, descending: bool
) -> None:
    with store.writing() as connection:
        connection.execute(schema.audit.delete())
        keys = fill(connection, moments)
        assert walk(connection, limit=limit, descending=descending) == sorted(keys, reverse=descending)


def test_a_limit_is_kept_within_bounds(connection: Connection) -> None:
    fill(connection, list(range(MAX_LIMIT + 1)))
    statement, by = sa.select(_a.id), (_a.id,)
    assert len(fetch_page(connection, statement, tuple, by=by, limit=10**9).items) == MAX_LIMIT
    assert len(fetch_page(connection, statement, tuple, by=by, limit=-5).items) == 1


def test_rows_that_come_while_walking_do_not_shift_the_pages(connection: Connection) -> None:
    fill(connection, [1, 2, 3, 4])
    by = (_a.at, _a.id)
    first = fetch_page(connection, sa.select(_a.id), lambda row: row.id, by=by, limit=2)
    late = {"id": "aud_9999", "at": AT + timedelta(1), "actor": "", "action": "", "subject": "", "data": {}}
    connection.execute(schema.audit.insert(), late)
    second = fetch_page(
        connection, sa.select(_a.id), lambda row: row.id, by=by, cursor=first.next_cursor, limit=2
    )
    assert (*first.items, *second.items) == ("aud_0003", "aud_0002", "aud_0001", "aud_0000")


FIRST, LAST = datetime(2, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 hypothesis adds the zone
KEYS = st.tuples(
    st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    st.text().filter(lambda text: "\0" not in text),
    st.integers(-(2**31), 2**31),
)


@given(key=KEYS)
def test_a_cursor_brings_its_key_back(key: tuple[datetime, str, int]) -> None:
    assert decode_cursor(encode_cursor(key), [datetime, str, int]) == key


BAD = [
    "?",
    "x",
    "bm90IGpzb24",
    "ключ",
    "\ud800",
    "A" * 5000,
    encode_cursor(["only one"]),
    encode_cursor([AT, "id", 3]),
    encode_cursor(["no time", "id"]),
    encode_cursor([datetime(2026, 1, 1), "naive"]),  # noqa: DTZ001
    encode_cursor([AT, 5]),
    encode_cursor([AT, "a\0b"]),
    encode_cursor([[AT], "id"]),
]


@pytest.mark.parametrize("cursor", BAD, ids=range(len(BAD)))
def test_what_is_no_cursor_is_refused(connection: Connection, cursor: str) -> None:
    with pytest.raises(Refused, match="next_cursor"):
        fetch_page(connection, sa.select(_a.id), tuple, by=(_a.at, _a.id), cursor=cursor)


@given(st.text())
def test_no_text_is_worse_than_refused(cursor: str) -> None:
    try:
        values = decode_cursor(cursor, [datetime, str, int])
    except Refused:
        return
    assert [type(value) for value in values] == [datetime, str, int]
