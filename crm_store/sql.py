"""The few expressions that SQLite and PostgreSQL spell differently, each under one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class _HasItem(sa.sql.functions.FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True


@compiles(_HasItem, "sqlite")
def _has_item_sqlite(element: _HasItem, compiler: SQLCompiler, **options: Any) -> str:
    array, item = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({array}) WHERE json_each.value = {item})"  # noqa: S608 - values are bound


@compiles(_HasItem, "postgresql")
def _has_item_postgresql(element: _HasItem, compiler: SQLCompiler, **options: Any) -> str:
    array, item = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({array} @> to_jsonb(CAST({item} AS TEXT)))"


def has_item(array: sa.ColumnElement[Any], item: str) -> sa.ColumnElement[bool]:
    """Whether a JSON column that holds an array of strings has this one in it."""
    return _HasItem(array, sa.literal(item))


class _Epoch(sa.sql.functions.FunctionElement[float]):
    type = sa.Float()
    inherit_cache = True


@compiles(_Epoch, "sqlite")
def _epoch_sqlite(element: _Epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"((julianday({compiler.process(element.clauses, **options)}) - 2440587.5) * 86400.0)"


@compiles(_Epoch, "postgresql")
def _epoch_postgresql(element: _Epoch, compiler: SQLCompiler, **options: Any) -> str:
    # Not EXTRACT, which is NUMERIC and slower.
    return f"date_part('epoch', {compiler.process(element.clauses, **options)})"


def epoch(at: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    """An instant as seconds since 1970, to some tenths of a millisecond."""
    return _Epoch(at)


def insert_new(connection: Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Insert ``row`` unless one with its key is there. Never raises for the key."""
    statement: sqlite.Insert | postgresql.Insert
    if connection.dialect.name == "postgresql":
        statement = postgresql.insert(table).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing()
    connection.execute(statement, dict(row))
