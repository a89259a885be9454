"""Callbacks promised to customers: their places in line while nobody holds the telephone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.errors import Conflict, NotFound, Refused

STATUSES: Final = ("waiting", "offered", "done", "canceled")
OPEN_STATUSES: Final = ("waiting", "offered")


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `callbacks`. ``queued_at`` is the place in line that the customer had; ``due_at`` when
    the customer asked to be called, None for as soon as it is their turn."""

    id: str
    contact_id: str
    customer_id: str | None = None
    queue: str
    number: str
    status: str = "waiting"
    queued_at: datetime
    due_at: datetime | None = None
    created_at: datetime


_b = schema.callbacks.c
_ALL = sa.select(*schema.callbacks.c)
_OPEN_FOR_NUMBER = (
    _ALL.where(
        _b.queue == sa.bindparam("queue"),
        _b.number == sa.bindparam("number"),
        _b.status.in_(OPEN_STATUSES),
    )
    .order_by(_b.queued_at, _b.id)
    .limit(1)
)


def row(callback: Callback) -> dict[str, Any]:
    """The row of a promised callback, for `Unit.insert`."""
    return msgspec.structs.asdict(callback)


def get(connection: Connection, callback_id: str) -> Callback:
    """The callback with this id. Raises `NotFound`."""
    found = connection.execute(_ALL.where(_b.id == callback_id)).first()
    if found is None:
        raise NotFound(f"there is no callback {callback_id}")
    return Callback(**found._mapping)


def list_for_contact(connection: Connection, contact_id: str) -> list[Callback]:
    """What was promised during a contact, oldest first."""
    statement = _ALL.where(_b.contact_id == contact_id).order_by(_b.created_at, _b.id)
    return [Callback(**found._mapping) for found in connection.execute(statement)]


def waiting(connection: Connection, queue: str, at: datetime) -> list[Callback]:
    """Callbacks in line at ``at`` (those asked for later are not yet), first first."""
    statement = _ALL.where(
        _b.queue == queue, _b.status == "waiting", sa.or_(_b.due_at.is_(None), _b.due_at <= at)
    ).order_by(_b.queued_at, _b.id)
    return [Callback(**found._mapping) for found in connection.execute(statement)]


def open_for_number(connection: Connection, queue: str, number: str) -> Callback | None:
    """The callback that a queue already owes this number, if there is one: it need not be promised twice."""
    found = connection.execute(_OPEN_FOR_NUMBER, {"queue": queue, "number": number}).first()
    return None if found is None else Callback(**found._mapping)


def change_status(connection: Connection, callback: Callback, status: str) -> Callback:
    """Move a callback on from the status it was read with.

    Raises `Conflict` where somebody else moved it first, `Refused` for one that is done or canceled.
    """
    if status not in STATUSES:
        raise ValueError(f"{status!r} is no status of a callback; use one of {', '.join(STATUSES)}")
    if callback.status not in OPEN_STATUSES:
        raise Refused(f"the callback is {callback.status} already; ask for a new one")
    changed = connection.execute(
        schema.callbacks.update()
        .where(_b.id == callback.id, _b.status == callback.status)
        .values(status=status)
    )
    if changed.rowcount != 1:
        raise Conflict("the callback was changed by somebody else meanwhile")
    return msgspec.structs.replace(callback, status=status)
