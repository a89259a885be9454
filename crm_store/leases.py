"""Leases: which process leads something, for a while; one row a name.

In the database and not in Redis, because routing cannot go on without the database anyway, and because the
fence can be checked in the very transaction that writes under it. A process that was paused and wakes with an
old lease finds its fence out of date (`check_fence`) and writes nothing.

Times are passed in; the clocks of processes must agree much better than a lease lasts. Should they not, two
may believe that they lead, and still only the newer one's writes are taken.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store import schema
from crm_store.errors import Conflict
from crm_store.sql import insert_new

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NOBODY = ""

_l = schema.leases.c


class Fenced(Conflict):
    """Somebody else has led since, so nothing was written under the old lease: stop leading, do not retry."""

    retryable = False


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right of ``holder`` to be the only one who does ``name`` until ``until``; a row of `leases`.

    ``holder`` names one run of one process: a process that starts anew must take another name. ``fence``
    grows with every new lease of that name.
    """

    name: str
    holder: str
    fence: int
    until: datetime


_BY_NAME = sa.select(schema.leases).where(_l.name == sa.bindparam("name"))


def _find(connection: Connection, name: str, statement: sa.Select[Any] = _BY_NAME) -> Lease | None:
    row: Row[Any] | None = connection.execute(statement, {"name": name}).first()
    return None if row is None else Lease(**row._mapping)


def current(connection: Connection, name: str) -> Lease | None:
    """The lease as it stands, which may have run out; None where it was given up or never taken."""
    found = _find(connection, name)
    return None if found is None or found.holder == _NOBODY else found


def take(connection: Connection, name: str, holder: str, seconds: float, at: datetime) -> Lease | None:
    """Become the holder of ``name`` for ``seconds`` from ``at``; None where somebody else is.

    Who holds it already gets the same lease again, prolonged; after it has run out it is a new one.
    """
    found = _find(connection, name)
    if _is_anothers(found, holder, at):
        return None  # without a lock: those who wait for their turn never get in the leader's way
    if found is None:
        row = {"name": name, "holder": _NOBODY, "fence": 0, "until": _LONG_AGO}
        insert_new(connection, schema.leases, row)
    found = _find(connection, name, _BY_NAME.with_for_update())
    if found is None or _is_anothers(found, holder, at):
        return None
    ours = found.holder == holder and found.until > at
    fence = found.fence if ours else found.fence + 1
    taken = Lease(name=name, holder=holder, fence=fence, until=at + timedelta(seconds=seconds))
    connection.execute(schema.leases.update().where(_l.name == name).values(msgspec.structs.asdict(taken)))
    return taken


def _is_anothers(lease: Lease | None, holder: str, at: datetime) -> bool:
    return lease is not None and lease.holder not in (holder, _NOBODY) and lease.until > at


def renew(connection: Connection, lease: Lease, seconds: float, at: datetime) -> bool:
    """Prolong to ``seconds`` from ``at``. False where it has run out or is somebody else's: stop at once."""
    written = connection.execute(
        schema.leases.update()
        .where(_l.name == lease.name, _l.fence == lease.fence, _l.until > at)
        .values(until=at + timedelta(seconds=seconds))
    )
    return written.rowcount == 1


def release(connection: Connection, lease: Lease) -> None:
    """Give it up, if it is still held: anybody may take it at once, and nothing more is written under it."""
    connection.execute(
        schema.leases.update()
        .where(_l.name == lease.name, _l.fence == lease.fence)
        .values(holder=_NOBODY, fence=lease.fence + 1, until=_LONG_AGO)
    )


def holds(connection: Connection, lease: Lease) -> bool:
    """Whether nobody has taken over since; and nobody can before this transaction ends.

    Also true of a lease that has run out and that nobody else has taken: what is written under it is safe.
    """
    return _fence(connection, lease.name) == lease.fence


def check_fence(connection: Connection, name: str, fence: int) -> None:
    """As `holds`, for whoever writes under the lease ``name``. Raises `Fenced`."""
    if _fence(connection, name) != fence:
        raise Fenced(f"another process leads {name!r} by now; nothing was written")


def _fence(connection: Connection, name: str) -> int | None:
    """The fence of the row, locked against a new holder, not against other readers."""
    statement = sa.select(_l.fence).where(_l.name == name).with_for_update(read=True)
    fence: int | None = connection.execute(statement).scalar_one_or_none()
    return fence
