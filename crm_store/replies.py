"""Canned replies that agents keep for themselves; nobody else sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from crm_store import schema
from crm_store.errors import NotFound, Refused
from crm_store.rows import change, insert, reader

MOST: Final = 200
"""Replies of one agent."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `replies`: ``name`` is typed as /name, ``language`` '' = for all, ``queue`` '' = in all."""

    id: str
    agent_id: str
    name: str
    language: str = ""
    queue: str = ""
    text: str
    updated_at: datetime
    version: int = 0


_r = schema.replies.c
_read = reader(Reply)
_TWICE: Final = "there is a reply of that name already; change that one, or choose another name"


def list_of(connection: Connection, agent_id: str) -> list[Reply]:
    """An agent's own replies by name."""
    statement = sa.select(schema.replies).where(_r.agent_id == agent_id)
    return [_read(row) for row in connection.execute(statement.order_by(_r.name, _r.language, _r.queue))]


def get(connection: Connection, agent_id: str, reply_id: str) -> Reply:
    """One of the agent's own. Raises `NotFound`, also for those of others."""
    found = connection.execute(
        sa.select(schema.replies).where(_r.id == reply_id, _r.agent_id == agent_id)
    ).first()
    if found is None:
        raise NotFound(f"there is no reply {reply_id} of yours")
    return _read(found)


def add(connection: Connection, reply: Reply) -> Reply:
    """Keep a new one. Raises `Refused` where there is one of that name, or too many."""
    if len(list_of(connection, reply.agent_id)) >= MOST:
        raise Refused(f"an agent may keep {MOST} replies; remove some first")
    try:
        with connection.begin_nested():
            insert(connection, schema.replies, msgspec.structs.asdict(reply))
    except IntegrityError as error:
        raise Refused(_TWICE) from error
    return reply


def update(connection: Connection, before: Reply, after: Reply) -> Reply:
    """Write ``after`` over one as it was read. Raises `Refused` and `Conflict`."""
    values = {name: getattr(after, name) for name in ("name", "language", "queue", "text", "updated_at")}
    try:
        with connection.begin_nested():
            change(connection, schema.replies, before.id, before.version, values)
    except IntegrityError as error:
        raise Refused(_TWICE) from error
    return msgspec.structs.replace(after, version=before.version + 1)


def remove(connection: Connection, agent_id: str, reply_id: str) -> None:
    """Forget one of the agent's own. Raises `NotFound`."""
    gone = connection.execute(
        schema.replies.delete().where(_r.id == reply_id, _r.agent_id == agent_id)
    ).rowcount
    if not gone:
        raise NotFound(f"there is no reply {reply_id} of yours")
