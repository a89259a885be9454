"""Rows to structs and back: what the plain tables of the store (customers, orders, agents, ...) share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store.bulk import change_row, insert_row
from crm_store.errors import Conflict, NotFound, Refused

T = TypeVar("T", bound=msgspec.Struct)


def reader(kind: type[T]) -> Callable[[Row[Any]], T]:
    """A function that makes a ``kind`` of a row whose columns are named as its fields; others are ignored."""
    fields = kind.__struct_fields__

    def read(row: Row[Any]) -> T:
        columns = row._mapping
        return msgspec.convert({name: columns[name] for name in fields if name in columns}, kind)

    return read


def given(changes: msgspec.Struct) -> dict[str, Any]:
    """The fields of a struct of changes that are not `msgspec.UNSET`, as columns."""
    values = {name: getattr(changes, name) for name in changes.__struct_fields__}
    return {name: value for name, value in values.items() if value is not msgspec.UNSET}


def check_choice(field: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise `Refused` unless ``value`` is one of ``allowed``."""
    if value not in allowed:
        raise Refused(f"{field}: {value!r} is not known; use one of {', '.join(allowed)}")


def check_exists(connection: Connection, table: sa.Table, field: str, row_id: str | None) -> None:
    """Raise `Refused` unless ``row_id``, where there is one, is the id of a row."""
    if row_id is None:
        return
    if connection.execute(sa.select(table.c.id).where(table.c.id == row_id)).first() is None:
        raise Refused(f"{field}: there is no {row_id} in {table.name}")


def check_columns(table: sa.Table, values: Mapping[str, Any]) -> None:
    """Raise `Refused` for a text that its column cannot hold: only PostgreSQL would notice, and too late."""
    for name, value in values.items():
        if not isinstance(value, str):
            continue
        length = getattr(table.c[name].type, "length", None)
        if length is not None and len(value) > length:
            raise Refused(f"{table.name}.{name}: {len(value)} characters are too many; at most {length}")
        if "\0" in value:
            raise Refused(f"{table.name}.{name}: a text cannot hold the character NUL; leave it out")


def insert(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Add a row. Raises `Refused` for a text that does not fit."""
    check_columns(table, values)
    insert_row(connection, table.name, dict(values))


def change(
    connection: Connection, table: sa.Table, row_id: str, version: int, values: Mapping[str, Any]
) -> None:
    """Change a row that must still have ``version``, which goes up by one.

    Raises `NotFound`, `Refused` for a text that does not fit, and `Conflict` where somebody else
    changed the row first.
    """
    check_columns(table, values)
    if change_row(connection, table.name, row_id, version, dict(values)):
        return
    columns = table.c
    if connection.execute(sa.select(columns.id).where(columns.id == row_id)).first() is None:
        raise NotFound(f"there is no row {row_id} in {table.name}")
    raise Conflict(f"a row of {table.name} was changed by somebody else meanwhile; load it again")
