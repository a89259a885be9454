"""Many rows in few statements: what the store's writer sends to the database.

Measured on SQLite in groups of 28 turns of four rows each, with another thread busy: row by row
through `executemany` 90 µs a turn, most of it handing the interpreter's lock to and fro at each
row; in statements of up to 32 rows 35 µs.
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
Run = Callable[[str, tuple[Any, ...]], int]
"""Runs one statement; answers with the number of rows written."""


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

    def execute(self, dialect: str, rows: Sequence[Row], run: Run) -> int:
        """Write ``rows`` by ``run(sql, values)``; how many the database says it has written."""
        converters = self._converters.get(dialect)
        if converters is None:
            converters = self._converters[dialect] = self._make_converters(dialect)
        values = [_converted(row, converters) for row in rows]
        statement = _update if self.expects_rows else _insert
        written = 0
        at = 0
        for size in CHUNKS:
            while len(values) - at >= size:
                flat = tuple([value for row in values[at : at + size] for value in row])
                sql = statement(dialect, self.table, self._columns, size)
                written += run(sql, flat)
                at += size
        return written

    def _make_converters(self, dialect: str) -> list[Converter | None]:
        """How each value is bound, in the order of the row: an update's row begins with id, version, next."""
        plain: list[Converter | None] = [None, None, None] if self.expects_rows else []
        return plain + [_converter(self._table.c[name].type, dialect) for name in self._columns]


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


@lru_cache(maxsize=2048)
def _insert(dialect: str, table: str, columns: tuple[str, ...], rows: int) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    values = f"({', '.join([_MARKS[dialect]] * len(columns))})"
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([values] * rows)}'  # noqa: S608 our own names


@lru_cache(maxsize=2048)
def _update(dialect: str, table: str, columns: tuple[str, ...], rows: int) -> str:
    """UPDATE FROM VALUES, whose columns both databases call column1, column2, ..."""
    sets = "".join(f', "{name}" = new.column{number}' for number, name in enumerate(columns, 4))
    return (
        f'UPDATE "{table}" SET "version" = new.column3{sets} '  # noqa: S608 our own names
        f"FROM (VALUES {', '.join([_typed(dialect, table, columns)] * rows)}) AS new "
        f'WHERE "{table}"."id" = new.column1 AND "{table}"."version" = new.column2'
    )


def _typed(dialect: str, table: str, columns: tuple[str, ...]) -> str:
    """A row of VALUES; PostgreSQL must be told the types that a table would tell it in an INSERT."""
    if dialect == "sqlite":
        return f"({', '.join('?' * (len(columns) + 3))})"
    kinds = schema.metadata.tables[table].c
    known = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
    types = ["varchar", "integer", "integer", *(kinds[name].type.compile(known) for name in columns)]
    return f"({', '.join(f'%s::{kind}' for kind in types)})"


_MARKS = {"sqlite": "?", "postgresql": "%s"}

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


def insert_row(connection: Connection, table: str, row: Row) -> None:
    """Insert one row within a transaction: a third of the cost of building a statement for it each time."""
    insert(table, tuple(row)).execute(connection.dialect.name, [row], _running(connection))


def change_row(connection: Connection, table: str, row_id: str, version: int, changes: Row) -> bool:
    """Change a row that must still have ``version``, which goes up by one; whether it still had."""
    row = {"key_id": row_id, "key_version": version, "key_next": version + 1} | changes
    write = update(table, tuple(changes))
    return write.execute(connection.dialect.name, [row], _running(connection)) == 1


def _running(connection: Connection) -> Run:
    def run(sql: str, values: tuple[Any, ...]) -> int:
        return int(connection.exec_driver_sql(sql, values).rowcount)

    return run


DUPLICATE_TABLES = frozenset({"deliveries"})
"""Tables in which a taken key means that the same has come before, and not that somebody else was quicker."""


class Unit:
    """The rows one turn writes, all or none of them.

    `insert` and `update` are gathered with those of other units into few statements; `call` runs
    any function over the transaction's connection (slower; for what a row cannot say). ``quick``: its
    calls are a few statements by key, so that they may run where everything else waits for them.
    """

    __slots__ = ("calls", "quick", "writes")

    def __init__(self, *, quick: bool = False) -> None:
        self.quick = quick
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
