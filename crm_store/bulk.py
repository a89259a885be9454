"""Many rows in few statements: what the store's writer sends to the database.

Measured on SQLite in groups of 28 turns of four rows each, with another thread busy: row by row
through `executemany` 90 µs a turn, most of it handing the interpreter's lock to and fro at each
row; in statements of up to 32 rows 35 µs. PostgreSQL's driver sends its `executemany` as one pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.types import UtcDateTime, encode_json

CHUNKS = (32, 16, 8, 4, 2, 1)
"""Rows a statement: few lengths, so that SQLite's prepared statements are found again."""

Row = dict[str, Any]
Converter = Callable[[Any], Any]


class Write:
    """One shape of row to insert or update. ``expects_rows``: each must match a row that is there."""

    __slots__ = ("_columns", "_converters", "_table", "expects_rows", "rank", "table")

    def __init__(self, table: str, columns: tuple[str, ...], *, expects_rows: bool) -> None:
        self.table = table
        self.expects_rows = expects_rows
        self.rank = RANK[table]
        self._table = schema.metadata.tables[table]
        self._columns = columns
        self._converters: dict[str, list[Converter | None]] = {}

    def execute(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Write ``rows``; how many the database says it has written."""
        dialect = connection.dialect.name
        converters = self._converters.get(dialect)
        if converters is None:
            converters = self._converters[dialect] = self._make_converters(dialect)
        values = [_converted(row, converters) for row in rows]
        if dialect != "sqlite":
            sql = _update_one(self.table, self._columns) if self.expects_rows else self._insert_sql(1, "%s")
            return int(connection.exec_driver_sql(sql, values).rowcount)
        written = 0
        at = 0
        for size in CHUNKS:
            while len(values) - at >= size:
                flat = tuple([value for row in values[at : at + size] for value in row])
                sql = self._update_sql(size) if self.expects_rows else self._insert_sql(size, "?")
                written += connection.exec_driver_sql(sql, flat).rowcount
                at += size
        return written

    def _make_converters(self, dialect: str) -> list[Converter | None]:
        """How each value is bound, in the order of the row: an update's row begins with id, version, next."""
        plain: list[Converter | None] = [None, None, None] if self.expects_rows else []
        return plain + [_converter(self._table.c[name].type, dialect) for name in self._columns]

    def _insert_sql(self, rows: int, mark: str) -> str:
        return _insert_many(self.table, self._columns, rows, mark)

    def _update_sql(self, rows: int) -> str:
        return _update_many(self.table, self._columns, rows)


def _converted(row: Row, converters: list[Converter | None]) -> tuple[Any, ...]:
    return tuple(
        [
            value if convert is None or value is None else convert(value)
            for value, convert in zip(row.values(), converters, strict=True)
        ]
    )


def _converter(kind: sa.types.TypeEngine[Any], dialect: str) -> Converter | None:
    if isinstance(kind, UtcDateTime):
        return _sqlite_time if dialect == "sqlite" else _utc
    return encode_json if isinstance(kind, sa.JSON) else None


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone was given to the store; pass an aware datetime")
    return value.astimezone(UTC)


@lru_cache(maxsize=512)
def _sqlite_time(value: datetime) -> str:
    """As SQLAlchemy writes a DateTime on SQLite: sorted as text, it is sorted by time."""
    return _utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(maxsize=1024)
def _insert_many(table: str, columns: tuple[str, ...], rows: int, mark: str) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    values = f"({', '.join([mark] * len(columns))})"
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([values] * rows)}'  # noqa: S608 our own names


@lru_cache(maxsize=1024)
def _update_many(table: str, columns: tuple[str, ...], rows: int) -> str:
    """SQLite's UPDATE FROM; the columns of VALUES are called column1, column2, ..."""
    sets = ", ".join(f'"{name}" = new.column{number}' for number, name in enumerate(columns, 4))
    values = f"({', '.join('?' * (len(columns) + 3))})"
    return (
        f'UPDATE "{table}" SET "version" = new.column3{", " if sets else ""}{sets} '  # noqa: S608 our own names
        f"FROM (VALUES {', '.join([values] * rows)}) AS new "
        f'WHERE "{table}"."id" = new.column1 AND "{table}"."version" = new.column2'
    )


@lru_cache(maxsize=1024)
def _update_one(table: str, columns: tuple[str, ...]) -> str:
    """PostgreSQL's, which names its parameters because the key comes first in the row."""
    sets = ", ".join(f'"{name}" = new."{name}"' for name in columns)
    kinds = schema.metadata.tables[table].c
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    casts = ", ".join(f"%s::{kinds[name].type.compile(dialect)}" for name in columns)
    names = ", ".join(f'"{name}"' for name in ("key_id", "key_version", "key_next", *columns))
    return (
        f'UPDATE "{table}" SET "version" = new.key_next{", " if sets else ""}{sets} '  # noqa: S608 our own names
        f"FROM (VALUES (%s::varchar, %s::integer, %s::integer{', ' if casts else ''}{casts})) AS new ({names}) "
        f'WHERE "{table}"."id" = new.key_id AND "{table}"."version" = new.key_version'
    )


RANK = {table.name: rank for rank, table in enumerate(schema.metadata.sorted_tables)} | {"deliveries": -1}
"""Order of tables within a group: a delivery's key first (the cheapest refusal), parents before children."""


@lru_cache(maxsize=256)
def insert(table: str, columns: tuple[str, ...]) -> Write:
    """The write that inserts rows of these columns."""
    return Write(table, columns, expects_rows=False)


@lru_cache(maxsize=256)
def update(table: str, columns: tuple[str, ...]) -> Write:
    """The write that changes these columns of rows which must still have the version they were read with."""
    return Write(table, columns, expects_rows=True)


DUPLICATE_TABLES = frozenset({"deliveries"})
"""Tables in which a taken key means that the same has come before, and not that somebody else was quicker."""


class Unit:
    """The rows one turn writes, all or none of them.

    `insert` and `update` are gathered with those of other units into few statements; `call` runs
    any function over the transaction's connection (slower; for what a row cannot say).
    """

    __slots__ = ("calls", "writes")

    def __init__(self) -> None:
        self.writes: list[tuple[Write, Row]] = []
        self.calls: list[Callable[[Connection], Any]] = []

    def insert(self, table: str, row: Row) -> None:
        """Add a row (not to be changed afterwards).

        A taken key is `Duplicate` for `deliveries`, `Conflict` for any other table.
        """
        self.writes.append((insert(table, tuple(row)), row))

    def update(self, table: str, row_id: str, version: int, changes: Row) -> None:
        """Change a row that must still have ``version`` (else `Conflict`); the version goes up by one."""
        keys = {"key_id": row_id, "key_version": version, "key_next": version + 1}
        self.writes.append((update(table, tuple(changes)), keys | changes))

    def call(self, function: Callable[[Connection], Any]) -> None:
        """Run ``function(connection)`` inside the unit; its results are `Store.commit`'s answer."""
        self.calls.append(function)
