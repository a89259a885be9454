"""Tickets: what customers want mended, with their history and the contacts they came up in.

A turn asks `prepare` what would happen, tells the customer the number, and writes the answer in its
own commit (`Prepared.write`), so a ticket and the contact that opened it commit together or not at all.
Agents' actions come as a `Change` decided by the rules in contact_center/ticket.py; `apply` writes
it with its line of history.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.errors import Conflict, NotFound, Refused
from crm_store.ids import Ids
from crm_store.sql import insert_new
from crm_store.words import kept

OPEN_STATUSES: Final = ("open", "in_progress", "waiting")
STATUSES: Final = (*OPEN_STATUSES, "resolved", "closed")
SEVERITIES: Final = ("low", "normal", "high", "urgent")
"""From the least to the worst."""

EVENT_KINDS: Final = {
    "opened": "the ticket was opened",
    "joined": "the customer complained again about the same order",
    "claimed": "an agent took it",
    "noted": "somebody wrote a note",
    "reassigned": "it went to another agent or queue",
    "waiting": "it waits for the customer or somebody else",
    "resolved": "the matter is settled",
    "reopened": "it was not settled after all",
    "closed": "it is over for good",
    "escalated": "it became more pressing",
    "prioritised": "somebody gave it another priority",
    "linked": "a contact or another ticket is about the same matter",
    "unlinked": "another ticket is about something else after all",
    "offered": "an agent was asked to take it, and why that one",
    "offer_accepted": "the agent said yes",
    "taken": "an agent took it out of the line unasked",
    "offer_declined": "the agent said no",
    "offer_expired": "the agent did not answer",
    "offer_revoked": "the question was taken back",
    "requeued": "it waits for an agent again",
    "moved": "the router moved it to another queue",
    "transferred": "the agent gave it on",
    "wrap_up": "the agent writes it up",
    "wrapped_up": "the agent is done with it for now",
}
"""Every kind of line in a ticket's history."""

_NUMBER_TRIES = 50


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `tickets`. ``priority`` is 1 (first) to 4; ``due_at`` when it must be settled."""

    id: str
    number: str
    category: str
    subject: str
    description: str = ""
    status: str = "open"
    severity: str = "normal"
    priority: int
    queue: str = ""
    contact_back: str = ""
    order_number: str = ""
    open_order_key: str | None = None
    customer_id: str | None = None
    assignee_id: str | None = None
    contact_id: str | None = None
    version: int = 0
    opened_at: datetime
    due_at: datetime
    updated_at: datetime
    resolved_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.status in OPEN_STATUSES


class TicketEvent(msgspec.Struct, frozen=True):
    """One line of a ticket's history; ``seq`` is the ticket's version after it."""

    ticket_id: str
    seq: int
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]


class NewTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A matter for a ticket. ``opened_at`` is when its contact began; priority and due time are counted by
    the caller (contact_center/ticket.py). ``actor`` opens it: ``flow``, ``bot``, ``agent:...``."""

    category: str
    subject: str
    description: str = ""
    severity: str
    priority: int
    opened_at: datetime
    due_at: datetime
    queue: str = ""
    contact_back: str = ""
    order_number: str = ""
    customer_id: str | None = None
    contact_id: str | None = None
    actor: str = "flow"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An action on a ticket: the line of history it writes and the columns it sets (UNSET: as they were)."""

    kind: str
    data: dict[str, Any] = {}
    status: str | UnsetType = UNSET
    severity: str | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    queue: str | UnsetType = UNSET
    assignee_id: str | UnsetType | None = UNSET
    due_at: datetime | UnsetType = UNSET
    resolved_at: datetime | UnsetType | None = UNSET

    def columns(self) -> dict[str, Any]:
        """The columns that it sets."""
        values = {name: getattr(self, name) for name in self.__struct_fields__[2:]}
        return {name: value for name, value in values.items() if value is not UNSET}


class Prepared(msgspec.Struct, frozen=True):
    """What opening or joining will write: the ticket as it will be, and whether an open one is joined."""

    ticket: Ticket
    joined: bool
    event: TicketEvent
    contact_id: str | None

    def write(self, connection: Connection) -> None:
        """Write it. Raises `Conflict` where somebody else opened, joined or changed the same
        ticket since, or drew the same number: prepare again (run the turn again)."""
        if self.joined:
            _update(connection, self.ticket)
        else:
            _insert(connection, self.ticket)
        connection.execute(schema.ticket_events.insert(), msgspec.structs.asdict(self.event))
        if self.contact_id is not None:
            link(connection, self.ticket.id, self.contact_id)


_t = schema.tickets.c
_ALL = sa.select(*schema.tickets.c)


def decode(row: sa.Row[Any]) -> Ticket:
    """The ticket in a row that has all columns of the table."""
    return Ticket(**{name: row._mapping[name] for name in Ticket.__struct_fields__})


def _first(connection: Connection, *conditions: sa.ColumnElement[bool]) -> Ticket | None:
    row = connection.execute(_ALL.where(*conditions)).first()
    return None if row is None else decode(row)


def get(connection: Connection, ticket_id: str) -> Ticket:
    """The ticket with this id. Raises `NotFound`."""
    ticket = _first(connection, _t.id == ticket_id)
    if ticket is None:
        raise NotFound(f"there is no ticket {ticket_id}; `contact-center tickets list` shows them")
    return ticket


def get_by_number(connection: Connection, number: str) -> Ticket | None:
    """The ticket with this number (eight digits, see `ticket_numbers.parse`), if there is one."""
    return _first(connection, _t.number == number)


def history(connection: Connection, ticket_id: str) -> list[TicketEvent]:
    """What happened to a ticket, oldest first."""
    events = schema.ticket_events
    statement = sa.select(*events.c).where(events.c.ticket_id == ticket_id).order_by(events.c.seq)
    return [TicketEvent(*row) for row in connection.execute(statement)]


def contact_ids(connection: Connection, ticket_id: str) -> list[str]:
    """The contacts in which the ticket came up, oldest first."""
    links = schema.ticket_contacts.c
    statement = sa.select(links.contact_id).where(links.ticket_id == ticket_id)
    return list(connection.execute(statement.order_by(links.contact_id)).scalars())


def list_for_contact(connection: Connection, contact_id: str) -> list[Ticket]:
    """The tickets that a contact opened or joined, oldest first."""
    links = schema.ticket_contacts.c
    statement = _ALL.join(schema.ticket_contacts, links.ticket_id == _t.id)
    rows = connection.execute(statement.where(links.contact_id == contact_id).order_by(_t.opened_at, _t.id))
    return [decode(row) for row in rows]


def link(connection: Connection, ticket_id: str, contact_id: str) -> None:
    """Note that the ticket came up in a contact; nothing happens where that is noted already."""
    insert_new(connection, schema.ticket_contacts, {"ticket_id": ticket_id, "contact_id": contact_id})


def linked(connection: Connection, ticket_id: str) -> list[Ticket]:
    """Other tickets about the same matter, oldest first."""
    links = schema.ticket_links.c
    others = sa.union_all(
        sa.select(links.other_id).where(links.ticket_id == ticket_id),
        sa.select(links.ticket_id).where(links.other_id == ticket_id),
    )
    statement = _ALL.where(_t.id.in_(others)).order_by(_t.opened_at, _t.id)
    return [decode(row) for row in connection.execute(statement)]


def link_tickets(connection: Connection, one: str, other: str) -> None:
    """Note that two tickets are about the same matter; nothing happens where that is noted already."""
    first, second = sorted((one, other))
    insert_new(connection, schema.ticket_links, {"ticket_id": first, "other_id": second})


def unlink_tickets(connection: Connection, one: str, other: str) -> None:
    """Note that two tickets are about different things. Raises `NotFound` where they were not linked."""
    first, second = sorted((one, other))
    links = schema.ticket_links
    gone = connection.execute(
        links.delete().where(links.c.ticket_id == first, links.c.other_id == second)
    ).rowcount
    if not gone:
        raise NotFound("these two tickets are not linked")


# --- opening and joining -------------------------------------------------------------------------


def prepare(
    connection: Connection, new: NewTicket, at: datetime, ids: Ids, draw: Callable[[], str]
) -> Prepared:
    """What opening this ticket will do: join the customer's open one about the same order, or open a new one.

    Only reads. A known customer's complaint joins where the customer, or the account they belong
    to, has an open ticket about the order; a stranger's never does. Joining raises severity and
    priority where the new complaint is worse, never puts the due time off, and ends a wait
    for the customer. ``draw`` makes ticket numbers (`ticket_numbers.draw`).
    """
    new = msgspec.structs.replace(new, order_number=kept(new.order_number, _t.order_number))
    key = _order_key(connection, new.customer_id, new.order_number)
    found = _open_about(connection, new, key) if key is not None else None
    if found is not None:
        return _joining(found, new, at)
    ticket = Ticket(
        id=ids.new("tkt"),
        number=_free_number(connection, draw),
        category=kept(new.category, _t.category),
        subject=kept(new.subject, _t.subject),
        description=kept(new.description),
        severity=new.severity,
        priority=new.priority,
        queue=new.queue,
        contact_back=kept(new.contact_back, _t.contact_back),
        order_number=new.order_number,
        open_order_key=key,
        customer_id=new.customer_id,
        contact_id=new.contact_id,
        opened_at=new.opened_at,
        due_at=new.due_at,
        updated_at=at,
    )
    data = {"contact_id": new.contact_id, "severity": new.severity, "priority": new.priority}
    event = TicketEvent(ticket.id, ticket.version, at, "opened", new.actor, data)
    return Prepared(ticket, False, event, new.contact_id)


def open_or_join(
    connection: Connection, new: NewTicket, at: datetime, ids: Ids, draw: Callable[[], str]
) -> tuple[Ticket, bool]:
    """Open a ticket or join the open one about the same order, now; the ticket, and whether it was joined.

    As `prepare` and `Prepared.write`. Raises `Conflict`: run it again in a new transaction.
    """
    prepared = prepare(connection, new, at, ids, draw)
    prepared.write(connection)
    return prepared.ticket, prepared.joined


def _open_about(connection: Connection, new: NewTicket, key: str) -> Ticket | None:
    # By the customer too: a merge moves tickets to another customer and leaves their keys.
    about = sa.and_(_t.customer_id == new.customer_id, _t.order_number == new.order_number)
    statement = _ALL.where(_t.status.in_(OPEN_STATUSES), sa.or_(_t.open_order_key == key, about)).order_by(
        _t.opened_at, _t.id
    )
    row = connection.execute(statement.limit(1)).first()
    return None if row is None else decode(row)


def _joining(ticket: Ticket, new: NewTicket, at: datetime) -> Prepared:
    status = ticket.status
    if status == "waiting":
        status = "in_progress" if ticket.assignee_id else "open"
    joined = msgspec.structs.replace(
        ticket,
        status=status,
        severity=max(ticket.severity, new.severity, key=SEVERITIES.index),
        priority=min(ticket.priority, new.priority),
        due_at=min(ticket.due_at, new.due_at),
        contact_back=kept(new.contact_back, _t.contact_back) or ticket.contact_back,
        version=ticket.version + 1,
        updated_at=at,
    )
    data = {
        "contact_id": new.contact_id,
        "subject": kept(new.subject),
        "description": kept(new.description),
        "severity": joined.severity,
        "priority": joined.priority,
    }
    event = TicketEvent(ticket.id, joined.version, at, "joined", new.actor, data)
    return Prepared(joined, True, event, new.contact_id)


def _order_key(connection: Connection, customer_id: str | None, order_number: str) -> str | None:
    """Who and which order, for the one open ticket about it; None where either is not known."""
    if customer_id is None or not order_number:
        return None
    customers = schema.customers.c
    account = connection.execute(sa.select(customers.account_id).where(customers.id == customer_id)).scalar()
    return f"{account or customer_id}/{order_number}"


def _free_number(connection: Connection, draw: Callable[[], str]) -> str:
    for _ in range(_NUMBER_TRIES):
        number = draw()
        taken = sa.select(_t.id).where(_t.number == number)
        if connection.execute(taken).first() is None:
            return number
    raise Refused("no free ticket number was drawn; are there millions of tickets? close and archive some")


# --- changing --------------------------------------------------------------------------------------


def apply(connection: Connection, ticket: Ticket, change: Change, at: datetime, actor: str) -> Ticket:
    """Write a change of ``ticket`` (as it was read) and its line of history; the ticket as it now is.

    Raises `Conflict` where somebody else changed it since, and `Refused` where it would open again
    beside another open ticket about the same order.
    """
    if change.kind not in EVENT_KINDS:
        raise ValueError(f"{change.kind!r} is no kind of ticket history; add it to tickets.EVENT_KINDS")
    columns = change.columns()
    changed = msgspec.structs.replace(ticket, **columns, version=ticket.version + 1, updated_at=at)
    changed = msgspec.structs.replace(changed, open_order_key=_key_after(connection, ticket, changed))
    _update(connection, changed)
    said = {name: kept(value) if isinstance(value, str) else value for name, value in change.data.items()}
    data = said | {name: value for name, value in columns.items() if value != getattr(ticket, name)}
    event = TicketEvent(ticket.id, changed.version, at, change.kind, actor, data)
    connection.execute(schema.ticket_events.insert(), msgspec.structs.asdict(event))
    return changed


def _key_after(connection: Connection, before: Ticket, after: Ticket) -> str | None:
    if not after.is_open:
        return None
    if before.is_open:
        return before.open_order_key
    key = _order_key(connection, after.customer_id, after.order_number)
    other = None if key is None else _first(connection, _t.open_order_key == key)
    if other is not None:
        raise Refused(
            f"ticket {other.number} about the same order is open; work on that one, or close it first"
        )
    return key


def _insert(connection: Connection, ticket: Ticket) -> None:
    try:
        with connection.begin_nested():
            connection.execute(schema.tickets.insert(), msgspec.structs.asdict(ticket))
    except sa.exc.IntegrityError as error:
        raise Conflict(
            "a ticket about the same order, or with the same number, was opened meanwhile"
        ) from error


def _update(connection: Connection, ticket: Ticket) -> None:
    values = msgspec.structs.asdict(ticket)
    del values["id"], values["number"]
    written = connection.execute(
        schema.tickets.update().where(_t.id == ticket.id, _t.version == ticket.version - 1).values(values)
    )
    if written.rowcount != 1:
        raise Conflict("the ticket was changed by somebody else meanwhile")
