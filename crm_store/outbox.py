"""The outbox: what must be done outside the database because of what was committed in it.

A row is written in the turn's own transaction and worked on after the commit. A worker claims rows
for a while (a lease), does each, and says `done` or `retry`; the row of a worker that died comes
back when its lease is over, so everything is done at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.errors import NotFound, Refused
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.words import kept


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often and when what failed is tried again: after ``first_delay``, then twice as long each time."""

    attempts: int = 8
    first_delay: timedelta = timedelta(seconds=5)
    longest_delay: timedelta = timedelta(hours=1)

    def delay(self, attempts: int) -> timedelta:
        """How long to wait after this many failed attempts."""
        doublings = min(attempts - 1, 20)
        return min(self.longest_delay, self.first_delay * float(2**doublings))


class OutboxItem(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `outbox`. ``attempts`` counts those begun; ``next_at`` is when it is (or comes back) due."""

    id: str
    topic: str
    contact_id: str | None = None
    payload: dict[str, Any]
    status: str = "pending"
    attempts: int = 0
    error: str = ""
    created_at: datetime
    next_at: datetime | None = None
    done_at: datetime | None = None


RETRY: Final = RetryPolicy()
"""What is done where nothing else is configured."""

_o = schema.outbox.c
_ALL = sa.select(*schema.outbox.c)


_DUE = (
    _ALL.where(_o.status == "pending", _o.next_at <= sa.bindparam("due"))
    .order_by(_o.next_at, _o.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)  # SQLite has one writer anyway
)
_IS_DUE = sa.select(_o.id).where(_o.status == "pending", _o.next_at <= sa.bindparam("due")).limit(1)
_TAKE = (
    schema.outbox.update()
    .where(_o.id == sa.bindparam("item"))
    .values(attempts=sa.bindparam("tries"), next_at=sa.bindparam("until"))
)
_DONE = (
    schema.outbox.update()
    .where(_o.id == sa.bindparam("item"))
    .values(status="done", done_at=sa.bindparam("when"), next_at=None, error="")
)


def row(
    item_id: str, topic: str, payload: dict[str, Any], at: datetime, contact_id: str | None = None
) -> dict[str, Any]:
    """The row of something to be done, due at ``at``, for `Unit.insert`."""
    return msgspec.structs.asdict(
        OutboxItem(id=item_id, topic=topic, contact_id=contact_id, payload=payload, created_at=at, next_at=at)
    )


def _decode(found: sa.Row[Any]) -> OutboxItem:
    return OutboxItem(**{name: found._mapping[name] for name in OutboxItem.__struct_fields__})


def get(connection: Connection, item_id: str) -> OutboxItem:
    """The row with this id. Raises `NotFound`."""
    found = connection.execute(_ALL.where(_o.id == item_id)).first()
    if found is None:
        raise NotFound(f"there is no outbox row {item_id}")
    return _decode(found)


def is_due(connection: Connection, at: datetime) -> bool:
    """Whether there is anything to `claim` at ``at``: cheaper to know than a write that finds nothing."""
    return connection.execute(_IS_DUE, {"due": at}).first() is not None


def claim(
    connection: Connection, at: datetime, lease: timedelta, limit: int = 20, policy: RetryPolicy = RETRY
) -> list[OutboxItem]:
    """Take what is due at ``at``, longest due first, for the time of ``lease``; each counts as an attempt.

    Two workers never get the same row while a lease lasts. A row whose workers died in every attempt
    that the policy allows is dead instead.
    """
    items: list[OutboxItem] = []
    due = connection.execute(_DUE, {"due": at, "most": limit})
    for item in [_decode(found) for found in due]:
        if item.attempts >= policy.attempts:
            _bury(connection, item, "given up: every attempt ended without an answer")
            continue
        taken = msgspec.structs.replace(item, attempts=item.attempts + 1, next_at=at + lease)
        connection.execute(_TAKE, {"item": item.id, "tries": taken.attempts, "until": taken.next_at})
        items.append(taken)
    return items


def prolong(connection: Connection, items: Sequence[OutboxItem], until: datetime) -> int:
    """The claimed items are still being carried out, and stay ours until then; how many still are ours."""
    return sum(
        connection.execute(schema.outbox.update().where(*_still(item)).values(next_at=until)).rowcount
        for item in items
    )


def done(connection: Connection, item: OutboxItem, at: datetime) -> None:
    """The claimed item has been carried out; it is never claimed again."""
    connection.execute(_DONE, {"item": item.id, "when": at})


def retry(
    connection: Connection, item: OutboxItem, error: str, at: datetime, policy: RetryPolicy = RETRY
) -> OutboxItem:
    """The attempt failed: try again later, or give up, as the policy says; the item as it now is.

    ``error`` says why, without personal data. A worker whose lease was over, and whose item
    somebody else has claimed since, changes nothing.
    """
    if item.attempts >= policy.attempts:
        _bury(connection, item, error)
    else:
        connection.execute(
            schema.outbox.update()
            .where(*_still(item))
            .values(next_at=at + policy.delay(item.attempts), error=kept(error, _o.error))
        )
    return get(connection, item.id)


def give_up(connection: Connection, item: OutboxItem, error: str) -> OutboxItem:
    """The item can never be carried out (a number that does not exist): dead at once."""
    _bury(connection, item, error)
    return get(connection, item.id)


def _bury(connection: Connection, item: OutboxItem, error: str) -> None:
    connection.execute(
        schema.outbox.update()
        .where(*_still(item))
        .values(status="dead", next_at=None, error=kept(error, _o.error))
    )


def _still(item: OutboxItem) -> tuple[sa.ColumnElement[bool], ...]:
    """That the row is as this worker claimed it."""
    return (_o.id == item.id, _o.status == "pending", _o.attempts == item.attempts)


def list_dead(
    connection: Connection, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[OutboxItem]:
    """What was given up, newest first."""
    statement = _ALL.where(_o.status == "dead")
    return fetch_page(connection, statement, _decode, by=(_o.created_at, _o.id), cursor=cursor, limit=limit)


def counts(connection: Connection) -> tuple[int, int]:
    """How many rows wait, and how many were given up."""
    counted = (
        sa.select(_o.status, sa.func.count()).where(_o.status.in_(("pending", "dead"))).group_by(_o.status)
    )
    found = {status: int(number) for status, number in connection.execute(counted)}
    return found.get("pending", 0), found.get("dead", 0)


def requeue(connection: Connection, item_id: str, at: datetime) -> OutboxItem:
    """Give a dead item a new life, due at ``at``. Raises `NotFound`, and `Refused` where it is not dead."""
    item = get(connection, item_id)
    changed = connection.execute(
        schema.outbox.update()
        .where(_o.id == item_id, _o.status == "dead")
        .values(status="pending", attempts=0, next_at=at, error="")
    )
    if changed.rowcount != 1:
        raise Refused(f"outbox row {item_id} is {item.status}; only dead ones can be sent again")
    return get(connection, item_id)


def prune(connection: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget at most ``limit`` rows done before an instant; how many went."""
    old = sa.select(_o.id).where(_o.status == "done", _o.done_at < before).limit(limit)
    return connection.execute(schema.outbox.delete().where(_o.id.in_(old))).rowcount
