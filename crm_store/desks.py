"""Desks: the connections over which agents work, one row each, with when each was last heard of.

An agent may have several (two browsers, a reload that overlaps the old page) and is lost only with the last.
The process that holds a connection says now and then which are alive; rows of a process that died are
found by their age.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store import schema
from crm_store.errors import NotFound

_d = schema.desks.c


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `desks`; ``node`` is the process that holds the connection."""

    id: str
    agent_id: str
    node: str
    opened_at: datetime
    seen_at: datetime


_ALL = sa.select(schema.desks)
_OF_AGENT = _ALL.where(_d.agent_id == sa.bindparam("agent_id")).order_by(_d.opened_at, _d.id)


def _decode(row: Row[Any]) -> Desk:
    return Desk(**row._mapping)


def open(connection: Connection, desk: Desk) -> Desk:
    """Add a desk, or the same one again after it was given up for lost.

    Raises `NotFound` for an agent who does not exist.
    """
    agents = schema.agents.c
    if connection.execute(sa.select(agents.id).where(agents.id == desk.agent_id)).first() is None:
        raise NotFound(f"there is no agent {desk.agent_id}; `contact-center agents list` shows them")
    connection.execute(schema.desks.delete().where(_d.id == desk.id))
    connection.execute(schema.desks.insert(), msgspec.structs.asdict(desk))
    return desk


def seen(connection: Connection, desk_ids: Collection[str], at: datetime) -> set[str]:
    """These were alive at ``at``; those of them that are not there any more and must be opened again."""
    if not desk_ids:
        return set()
    wanted = _d.id.in_(sorted(desk_ids))  # in one order: two processes never wait for each other's rows
    written = connection.execute(schema.desks.update().where(wanted).values(seen_at=at))
    if written.rowcount == len(set(desk_ids)):
        return set()
    return set(desk_ids) - set(connection.execute(sa.select(_d.id).where(wanted)).scalars())


def of_agent(connection: Connection, agent_id: str) -> list[Desk]:
    """An agent's desks, the oldest first."""
    return [_decode(row) for row in connection.execute(_OF_AGENT, {"agent_id": agent_id})]


def list_desks(connection: Connection) -> list[Desk]:
    """All desks, the oldest first."""
    return [_decode(row) for row in connection.execute(_ALL.order_by(_d.opened_at, _d.id))]


def lost(connection: Connection, before: datetime, *, lock: bool = False) -> list[Desk]:
    """Desks last heard of before an instant, the longest silent first; ``lock``: to close them in this
    transaction, without those that somebody else is at just now."""
    statement = _ALL.where(_d.seen_at < before).order_by(_d.seen_at, _d.id)
    found = connection.execute(statement.with_for_update(skip_locked=True) if lock else statement)
    return [_decode(row) for row in found]


def close(connection: Connection, desk_id: str) -> bool:
    """Remove a desk; whether it was there."""
    return connection.execute(schema.desks.delete().where(_d.id == desk_id)).rowcount == 1


def close_node(connection: Connection, node: str) -> list[Desk]:
    """Remove all desks of a process (it starts anew, or ends); those that were there."""
    found = [_decode(row) for row in connection.execute(_ALL.where(_d.node == node).order_by(_d.id))]
    connection.execute(schema.desks.delete().where(_d.node == node))
    return found
