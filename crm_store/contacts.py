"""Contacts: one customer's one matter on one channel, as rows to read.

A turn writes the row itself through `crm_store.store.Unit` (`columns` makes the row of a new
contact); everything here reads. Times are aware UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store import schema
from crm_store.errors import NotFound
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.sql import has_item

_c = schema.contacts.c


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `contacts`, its fields in the order of the columns (explained in `crm_store.schema`)."""

    id: str
    channel: str
    direction: str
    open_key: str | None
    provider_ref: str | None
    state: str
    owner: str
    customer_id: str | None
    from_address: str
    to_address: str
    language: str
    reason: str = ""
    tags: tuple[str, ...] = ()
    flow: str
    flow_digest: str
    session: str
    version: int = 0
    journal_length: int = 0
    turn: int = 0
    started_at: datetime
    queued_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    queue: str | None = None
    priority: int = 0
    agent_id: str | None = None
    outcome: str = ""
    end_reason: str = ""


class ContactFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which contacts; every field left None lets all pass.

    ``since`` (inclusive) and ``until`` (exclusive) bound `started_at`. ``address`` is either end's.
    ``ticket`` is the number of a ticket that the contact opened or joined.
    """

    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    direction: str | None = None
    queue: str | None = None
    agent_id: str | None = None
    customer_id: str | None = None
    address: str | None = None
    state: str | None = None
    outcome: str | None = None
    end_reason: str | None = None
    flow: str | None = None
    language: str | None = None
    tag: str | None = None
    ticket: str | None = None


_COLUMNS = tuple(schema.contacts.c)
_FIELDS = Contact.__struct_fields__
_TAGS = _FIELDS.index("tags")
_WIDTH = len(_FIELDS)

_ALL = sa.select(*_COLUMNS)
_BY_ID = _ALL.where(_c.id == sa.bindparam("id"))
_VERSION = sa.select(_c.version).where(_c.id == sa.bindparam("id"))
_BY_OPEN_KEY = _ALL.where(_c.open_key == sa.bindparam("open_key"))
_BY_PROVIDER_REF = (
    _ALL.where(_c.channel == sa.bindparam("channel"), _c.provider_ref == sa.bindparam("ref"))
    .order_by(_c.started_at.desc(), _c.id.desc())
    .limit(1)
)
_DUE = (
    _ALL.where(_c.due_at <= sa.bindparam("at"), _c.state != "ended")
    .order_by(_c.due_at, _c.id)
    .limit(sa.bindparam("limit"))
)
_IN_LINE = (_c.queue == sa.bindparam("queue"), _c.state == "waiting")
_WAITING = _ALL.where(*_IN_LINE).order_by(_c.priority.desc(), _c.queued_at, _c.id)
_QUEUE_LENGTH = sa.select(sa.func.count()).select_from(schema.contacts).where(*_IN_LINE)
_AHEAD = _QUEUE_LENGTH.where(
    sa.or_(
        _c.priority > sa.bindparam("priority"),
        sa.and_(
            _c.priority == sa.bindparam("priority"),
            sa.or_(
                _c.queued_at < sa.bindparam("queued_at"),
                sa.and_(_c.queued_at == sa.bindparam("queued_at"), _c.id < sa.bindparam("id")),
            ),
        ),
    )
)


def decode(row: Row[Any]) -> Contact:
    """The contact in a row that begins with all columns of the table, in their order."""
    values = list(row[:_WIDTH])
    values[_TAGS] = tuple(values[_TAGS])
    return Contact(**dict(zip(_FIELDS, values, strict=True)))


def columns(contact: Contact) -> dict[str, Any]:
    """The row of a contact, as `Unit.insert` takes it."""
    return {name: getattr(contact, name) for name in _FIELDS}


def _one(connection: Connection, statement: sa.Select[Any], values: dict[str, Any]) -> Contact | None:
    row = connection.execute(statement, values).first()
    return None if row is None else decode(row)


def find(connection: Connection, contact_id: str) -> Contact | None:
    """The contact with this id, if there is one."""
    return _one(connection, _BY_ID, {"id": contact_id})


def get(connection: Connection, contact_id: str) -> Contact:
    """The contact with this id. Raises `NotFound`."""
    contact = find(connection, contact_id)
    if contact is None:
        raise NotFound(f"there is no contact {contact_id}; `contact-center contacts list` shows them")
    return contact


def version(connection: Connection, contact_id: str) -> int | None:
    """The version that the contact has now; None where there is no such contact."""
    found: int | None = connection.execute(_VERSION, {"id": contact_id}).scalar()
    return found


def get_by_open_key(connection: Connection, open_key: str) -> Contact | None:
    """The contact that holds this key while it is open, if there is one."""
    return _one(connection, _BY_OPEN_KEY, {"open_key": open_key})


def get_by_provider_ref(connection: Connection, channel: str, ref: str) -> Contact | None:
    """The latest contact of a channel with the provider's own id (a CallSid), ended or not."""
    return _one(connection, _BY_PROVIDER_REF, {"channel": channel, "ref": ref})


def due(connection: Connection, at: datetime, limit: int) -> list[Contact]:
    """Contacts that the sweep must look at: not ended and due by ``at``, the longest overdue first."""
    return [decode(row) for row in connection.execute(_DUE, {"at": at, "limit": limit})]


def waiting(connection: Connection, queue: str) -> list[Contact]:
    """Who is in line, first first: by priority (higher goes first), then by `queued_at`."""
    return [decode(row) for row in connection.execute(_WAITING, {"queue": queue})]


def queue_length(connection: Connection, queue: str) -> int:
    """How many contacts wait in line."""
    return int(connection.execute(_QUEUE_LENGTH, {"queue": queue}).scalar_one())


def open_by_channel(connection: Connection) -> dict[str, int]:
    """How many contacts are open, by channel (those that the sweep still has to look at one day)."""
    counted = sa.select(_c.channel, sa.func.count()).where(_c.due_at.is_not(None)).group_by(_c.channel)
    return {channel: int(number) for channel, number in connection.execute(counted)}


def position_in_queue(connection: Connection, contact: Contact) -> int:
    """The contact's place in the line of its queue, from 1; for one not yet in line, the place it would get.

    Raises `ValueError` for a contact without a queue or without `queued_at`.
    """
    if contact.queue is None or contact.queued_at is None:
        raise ValueError("a contact that is in no queue has no position; set queue and queued_at first")
    place = {name: getattr(contact, name) for name in ("queue", "priority", "queued_at", "id")}
    return int(connection.execute(_AHEAD, place).scalar_one()) + 1


def agents_of_customer(connection: Connection, customer_id: str, since: datetime) -> tuple[str, str]:
    """Who answered the customer's first contact after ``since``, and who the latest of all; '' where nobody
    did.
    """
    answered = sa.select(_c.agent_id).where(_c.customer_id == customer_id, _c.agent_id.is_not(None))
    first = answered.where(_c.started_at >= since).order_by(_c.started_at, _c.id).limit(1)
    last = answered.order_by(_c.started_at.desc(), _c.id.desc()).limit(1)
    found = [connection.execute(statement).scalar() for statement in (first, last)]
    return str(found[0] or ""), str(found[1] or "")


def list_contacts(
    connection: Connection, which: ContactFilter, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Contact]:
    """A page of contacts, newest first. Raises `Refused` for a bad cursor."""
    return page(connection, _ALL.where(*conditions(which)), cursor, limit)


def page(connection: Connection, statement: sa.Select[Any], cursor: str | None, limit: int) -> Page[Contact]:
    """A page, newest first, of a statement that selects all columns of `contacts` (see `selection`)."""
    return fetch_page(connection, statement, decode, by=(_c.started_at, _c.id), cursor=cursor, limit=limit)


def selection() -> sa.Select[Any]:
    """All columns of `contacts`, to be narrowed with `conditions` and read with `page` or `decode`."""
    return _ALL


def conditions(which: ContactFilter) -> list[sa.ColumnElement[bool]]:
    """The filter as SQL conditions on `contacts`."""
    found: list[sa.ColumnElement[bool]] = [
        _c[name] == value for name in _EQUAL if (value := getattr(which, name)) is not None
    ]
    if which.since is not None:
        found.append(_c.started_at >= which.since)
    if which.until is not None:
        found.append(_c.started_at < which.until)
    if which.address is not None:
        found.append(sa.or_(_c.from_address == which.address, _c.to_address == which.address))
    if which.tag is not None:
        found.append(has_item(_c.tags, which.tag))
    if which.ticket is not None:
        found.append(_c.id.in_(_with_ticket(which.ticket)))
    return found


_EQUAL = (
    "channel",
    "direction",
    "queue",
    "agent_id",
    "customer_id",
    "state",
    "outcome",
    "end_reason",
    "flow",
    "language",
)


def _with_ticket(number: str) -> sa.Select[tuple[str]]:
    links, tickets = schema.ticket_contacts, schema.tickets
    return (
        sa.select(links.c.contact_id)
        .join(tickets, tickets.c.id == links.c.ticket_id)
        .where(tickets.c.number == number)
    )
