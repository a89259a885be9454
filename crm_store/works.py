"""Works: what waits for an agent, or is with one. Calls, chats, texts, tickets and callbacks alike.

A row stands beside the contact, ticket or callback that it is about, from the moment that wants a
person until it is wrapped up. Its ``queued_at`` is the place in line and survives transfers,
callbacks and changes of channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store import schema
from crm_store.bulk import change_row, insert_row
from crm_store.errors import Conflict, NotFound

KINDS: Final = ("call", "chat", "text", "ticket", "callback", "consult")
STATES: Final = ("waiting", "offered", "connecting", "active", "wrap_up", "done")
OPEN_STATES: Final = STATES[:-1]

_w = schema.works.c


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `works`.

    ``kind``: see `KINDS`; a consult is one agent's question to another about the work ``for_work``.
    ``queue`` is '' for work that only ever goes to the agent ``wanted``. ``entered_at``: since when in this
    queue. ``not_before``: when a callback is wished. ``required``, ``preferred``: skills beside the
    queue's. ``owners``, ``last_agent``, ``owner_first``: see `contact_center.routing.model.Item`.
    ``passed``: until when (ISO 8601) it is not offered again to an agent. ``agent_id``, ``offer_id``: with
    whom it is, and by which offer. ``due_at``: when the wrap-up is over, or a connection must stand.
    ``outcome``: how it ended, '' while open. ``muted``: the agent is not heard; ``recording``: of a call,
    on or paused, '' where none is made."""

    id: str
    kind: str
    contact_id: str | None = None
    ticket_id: str | None = None
    callback_id: str | None = None
    for_work: str | None = None
    state: str = "waiting"
    queue: str = ""
    priority: int = 0
    language: str = ""
    tier: str = ""
    required: dict[str, int] = {}
    preferred: dict[str, int] = {}
    owners: tuple[str, ...] = ()
    last_agent: str = ""
    owner_first: bool = False
    wanted: str = ""
    passed: dict[str, str] = {}
    reason: str = ""
    queued_at: datetime
    entered_at: datetime
    not_before: datetime | None = None
    agent_id: str | None = None
    offer_id: str | None = None
    accepted_at: datetime | None = None
    held_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    disposition: str = ""
    note: str = ""
    muted: bool = False
    recording: str = ""
    version: int = 0


_ALL = sa.select(schema.works)
_BY_ID = _ALL.where(_w.id == sa.bindparam("id"))
_OF_CONTACT = _ALL.where(
    _w.contact_id == sa.bindparam("contact_id"),
    _w.state.in_(("waiting", "offered", "connecting", "active")),
    _w.kind.not_in(("consult", "callback")),
).order_by(_w.id)
_CONSULTS = _ALL.where(_w.for_work == sa.bindparam("work_id"), _w.state != "done").order_by(_w.id)
_OF_TICKET = _ALL.where(_w.ticket_id == sa.bindparam("ticket_id"), _w.state != "done")
_OF_AGENT = _ALL.where(_w.agent_id == sa.bindparam("agent_id"), _w.state != "done").order_by(_w.id)
_OF_CUSTOMER = (
    _ALL.outerjoin(schema.contacts, schema.contacts.c.id == _w.contact_id)
    .outerjoin(schema.tickets, schema.tickets.c.id == _w.ticket_id)
    .where(
        _w.agent_id.is_not(None),
        _w.state != "done",
        sa.func.coalesce(schema.contacts.c.customer_id, schema.tickets.c.customer_id)
        == sa.bindparam("customer_id"),
    )
    .order_by(_w.id)
)
_DUE = (
    _ALL.where(_w.due_at <= sa.bindparam("at"), _w.state != "done")
    .order_by(_w.due_at, _w.id)
    .limit(sa.bindparam("limit"))
)
_NEXT_DUE = (
    sa.select(_w.due_at).where(_w.due_at.is_not(None), _w.state != "done").order_by(_w.due_at).limit(1)
)


_NAMES = Work.__struct_fields__


def decode(row: Row[Any]) -> Work:
    """The work of a row that has the table's columns, perhaps beside others."""
    columns = row._mapping
    values = {name: columns[name] for name in _NAMES}
    values["owners"] = tuple(values["owners"])
    return Work(**values)


def columns(values: dict[str, Any]) -> dict[str, Any]:
    """Changes of work, or all of it, as the table takes them."""
    return {name: list(value) if name == "owners" else value for name, value in values.items()}


def row(work: Work) -> dict[str, Any]:
    """The row of new work, for `Unit.insert`."""
    return columns(msgspec.structs.asdict(work))


def find(connection: Connection, work_id: str, *, lock: bool = False) -> Work | None:
    """The work with this id, if there is one; ``lock`` as in `agent_states.find`."""
    found = connection.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"id": work_id}).first()
    return None if found is None else decode(found)


def get(connection: Connection, work_id: str, *, lock: bool = False) -> Work:
    """As `find`. Raises `NotFound`."""
    found = find(connection, work_id, lock=lock)
    if found is None:
        raise NotFound(f"there is no work {work_id}")
    return found


def open_for_contact(connection: Connection, contact_id: str, *, lock: bool = False) -> Work | None:
    """The work of the contact itself (not of a consultation or callback) that is not yet being wrapped up."""
    statement = _OF_CONTACT.with_for_update() if lock else _OF_CONTACT
    found = connection.execute(statement, {"contact_id": contact_id}).first()
    return None if found is None else decode(found)


def open_for_ticket(connection: Connection, ticket_id: str) -> Work | None:
    """What is open about a ticket, if anything is."""
    found = connection.execute(_OF_TICKET, {"ticket_id": ticket_id}).first()
    return None if found is None else decode(found)


def consults_of(connection: Connection, work_id: str) -> list[Work]:
    """Open consultations about a piece of work."""
    return [decode(found) for found in connection.execute(_CONSULTS, {"work_id": work_id})]


def list_open(connection: Connection, states: Sequence[str] = OPEN_STATES) -> list[Work]:
    """All open work in some states, by its place in line."""
    statement = _ALL.where(_w.state.in_(states)).order_by(_w.queued_at, _w.id)
    return [decode(found) for found in connection.execute(statement)]


def of_agent(connection: Connection, agent_id: str) -> list[Work]:
    """What an agent has, offers included."""
    return [decode(found) for found in connection.execute(_OF_AGENT, {"agent_id": agent_id})]


def of_customer(connection: Connection, customer_id: str) -> list[Work]:
    """What agents have about a customer: the customer's contacts and tickets."""
    return [decode(found) for found in connection.execute(_OF_CUSTOMER, {"customer_id": customer_id})]


def due(connection: Connection, at: datetime, limit: int = 100) -> list[Work]:
    """Work whose wrap-up or connection is overdue at ``at``, the longest overdue first."""
    return [decode(found) for found in connection.execute(_DUE, {"at": at, "limit": limit})]


def next_due(connection: Connection) -> datetime | None:
    """When the next wrap-up or connection is overdue, if any can be."""
    found: datetime | None = connection.execute(_NEXT_DUE).scalar_one_or_none()
    return found


def insert(connection: Connection, work: Work) -> Work:
    """Add work."""
    insert_row(connection, "works", row(work))
    return work


def changed(work: Work, changes: dict[str, Any]) -> Work:
    """The work as it is once ``changes`` are committed."""
    return msgspec.structs.replace(work, **changes, version=work.version + 1)


def change(connection: Connection, work: Work, changes: dict[str, Any]) -> Work:
    """Write ``changes`` over ``work`` as it was read; the work as it then is. Raises `Conflict`."""
    if not changes:
        return work
    after = changed(work, changes)
    if not change_row(connection, "works", work.id, work.version, columns(changes)):
        raise Conflict("the work was changed by somebody else meanwhile")
    return after
