"""Lists in pages: a page holds its items and an opaque cursor to the next one.

A cursor is the sort key of the last item, so a list stays whole while rows are added to it, and
the thousandth page costs as much as the first.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store.errors import Refused

T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 500
"""Items in one page at most: a bigger request gets this many and a cursor."""

_MAX_CURSOR = 1000


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some items of a list, in order; ``next_cursor`` is None at its end."""

    items: tuple[T, ...]
    next_cursor: str | None = None


def encode_cursor(key: Sequence[object]) -> str:
    """The opaque cursor behind a sort key of texts, numbers and aware datetimes."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(key))).decode().rstrip("=")


def _is_sensible(value: datetime) -> bool:
    """Whether it is an instant that can be told in any time zone."""
    return value.tzinfo is not None and 1 < value.year < 9999


def decode_cursor(cursor: str, types: Sequence[type]) -> tuple[Any, ...]:
    """The sort key in a cursor, of these types. Raises `Refused` for what `encode_cursor` did not make."""
    try:
        if len(cursor) > _MAX_CURSOR:
            raise ValueError
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = msgspec.json.decode(text, type=list[Any])
        if len(key) != len(types):
            raise ValueError
        values: tuple[Any, ...] = tuple(
            msgspec.convert(value, type_) for value, type_ in zip(key, types, strict=True)
        )
        if any(isinstance(value, datetime) and not _is_sensible(value) for value in values):
            raise ValueError
        if any(isinstance(value, str) and "\0" in value for value in values):
            raise ValueError  # PostgreSQL has no text with it
        if any(isinstance(value, int) and abs(value) > 2**31 for value in values):
            raise ValueError
    except (ValueError, binascii.Error, msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise Refused(
            "that cursor is not one of this list; pass next_cursor of the page before as it came, "
            "or none to begin again"
        ) from error
    return values


def fetch_page(
    connection: Connection,
    statement: sa.Select[Any],
    make: Callable[[sa.Row[Any]], T],
    *,
    by: Sequence[sa.ColumnElement[Any]],
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    descending: bool = True,
) -> Page[T]:
    """One page of ``statement`` ordered by the columns ``by``, each row made into an item by ``make``.

    ``by`` must tell any two rows apart and hold no NULL; ``limit`` is kept between 1 and `MAX_LIMIT`.
    Raises `Refused` for a bad cursor.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        values = decode_cursor(cursor, [_python_type(column) for column in by])
        here = sa.tuple_(*by)
        last = sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(values, by, strict=True)))
        statement = statement.where(here < last if descending else here > last)
    statement = statement.order_by(*(column.desc() if descending else column.asc() for column in by))
    keys = [column.label(f"page_key_{number}") for number, column in enumerate(by)]
    rows = connection.execute(statement.add_columns(*keys).limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(
        items=tuple(make(row) for row in rows),
        next_cursor=encode_cursor(rows[-1][-len(keys) :]) if more else None,
    )


def _python_type(column: sa.ColumnElement[Any]) -> type:
    kind = column.type
    return (kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind).python_type
