"""Lists of tickets: by filters, in pages, newest first or in the order in which to work on them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.tickets import OPEN_STATUSES, Ticket, decode

Order = Literal["newest", "work"]
"""``newest``: by opening time, latest first. ``work``: by priority, then by due time, most pressing first."""


class TicketFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which tickets; every field left None lets all pass.

    ``open``: still to be worked on, or not. ``unassigned``: nobody's (False: somebody's).
    ``overdue_at``: open and due before that instant. ``since`` (inclusive) and ``until``
    (exclusive) bound `opened_at`.
    """

    status: str | None = None
    open: bool | None = None
    assignee_id: str | None = None
    unassigned: bool | None = None
    queue: str | None = None
    customer_id: str | None = None
    priority: int | None = None
    severity: str | None = None
    category: str | None = None
    order_number: str | None = None
    overdue_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None


_t = schema.tickets.c
_EQUAL = (
    "status",
    "assignee_id",
    "queue",
    "customer_id",
    "priority",
    "severity",
    "category",
    "order_number",
)


def list_tickets(
    connection: Connection,
    which: TicketFilter,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    order: Order = "newest",
) -> Page[Ticket]:
    """A page of tickets. Raises `Refused` for a bad cursor."""
    statement = sa.select(*schema.tickets.c).where(*_conditions(which))
    if order == "work":
        by = (_t.priority, _t.due_at, _t.id)
        return fetch_page(connection, statement, decode, by=by, cursor=cursor, limit=limit, descending=False)
    return fetch_page(connection, statement, decode, by=(_t.opened_at, _t.id), cursor=cursor, limit=limit)


def _conditions(which: TicketFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [
        _t[name] == value for name in _EQUAL if (value := getattr(which, name)) is not None
    ]
    if which.open is not None:
        found.append(_t.status.in_(OPEN_STATUSES) if which.open else _t.status.not_in(OPEN_STATUSES))
    if which.unassigned is not None:
        found.append(_t.assignee_id.is_(None) if which.unassigned else _t.assignee_id.is_not(None))
    if which.overdue_at is not None:
        found += [_t.status.in_(OPEN_STATUSES), _t.due_at < which.overdue_at]
    if which.since is not None:
        found.append(_t.opened_at >= which.since)
    if which.until is not None:
        found.append(_t.opened_at < which.until)
    return found
