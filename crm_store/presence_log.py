"""The history of agents' presences: append-only, for reports and to replay days.

The present one is in `agent_states`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema

BY: Final = ("agent", "engine", "supervisor")
"""Who sets presences."""

_p = schema.presence_log.c
_ALL = sa.select(schema.presence_log)


class PresenceChange(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `presence_log`: the presence an agent had from ``at`` on, and who set it (one of `BY`)."""

    id: str
    agent_id: str
    at: datetime
    presence: str
    reason: str = ""
    by: str = "agent"


def row(change: PresenceChange) -> dict[str, Any]:
    """The row of a change, for `Unit.insert`."""
    if change.by not in BY:
        raise ValueError(f"nobody called {change.by!r} sets presences; use one of {', '.join(BY)}")
    return msgspec.structs.asdict(change)


def append(connection: Connection, change: PresenceChange) -> None:
    """Add a change."""
    connection.execute(schema.presence_log.insert(), row(change))


def list_changes(
    connection: Connection, since: datetime, until: datetime, *, agent_id: str | None = None
) -> list[PresenceChange]:
    """Changes from ``since`` on and before ``until``, of everybody or one agent, oldest first."""
    statement = _ALL.where(_p.at >= since, _p.at < until).order_by(_p.at, _p.id)
    if agent_id is not None:
        statement = statement.where(_p.agent_id == agent_id)
    return [PresenceChange(**found._mapping) for found in connection.execute(statement)]


def as_of(connection: Connection, at: datetime) -> dict[str, PresenceChange]:
    """The last change before ``at`` of each agent who had one, by agent's id: how a period began."""
    newest = sa.func.row_number().over(partition_by=_p.agent_id, order_by=(_p.at.desc(), _p.id.desc()))
    ranked = _ALL.add_columns(newest.label("rank")).where(_p.at < at).subquery()
    statement = sa.select(ranked).where(ranked.c.rank == 1).order_by(ranked.c.agent_id)
    fields = PresenceChange.__struct_fields__
    found = [
        PresenceChange(**{name: one._mapping[name] for name in fields})
        for one in connection.execute(statement)
    ]
    return {change.agent_id: change for change in found}
