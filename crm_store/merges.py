"""Two customers who are one: joined by a person's explicit decision, noted, and taken back exactly.

A merge moves everything that belongs to one customer to the other and keeps a list of what it
moved. Undoing gives back what is on that list and still with the survivor; what came to the
survivor since then stays there. The merged customer's row is kept, and says into whom it went.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import audit, journal, schema
from crm_store.addresses import normalise_identity, parse_address
from crm_store.audit import AuditEntry
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.rows import insert, reader

_MOVED = (schema.identities, schema.contacts, schema.orders, schema.tickets, schema.callbacks)
_VERSIONED = frozenset({"tickets"})
"""Their version goes up, so that whoever had loaded the row before starts again; a contact's goes up with the
entry in its journal."""

_CHUNK = 500  # ids in one statement

_m = schema.merges.c
_c = schema.customers.c


class Merge(msgspec.Struct, frozen=True):
    """``from_id`` turned out to be ``into_id``. ``moved``: table to ids of the rows that changed hands.
    ``audit`` is the entry of the change just made, None for a merge that is only read."""

    id: str
    from_id: str
    into_id: str
    moved: dict[str, list[str]]
    reason: str
    actor: str
    merged_at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None
    audit: AuditEntry | None = None


_read = reader(Merge)


class Candidate(msgspec.Struct, frozen=True):
    """Another customer who has called or written from the same address, and how often."""

    customer_id: str
    name: str
    address: str
    contacts: int


def merge(
    connection: Connection,
    from_id: str,
    into_id: str,
    reason: str,
    *,
    at: datetime,
    ids: Ids,
    actor: str,
    link: str = "",
) -> Merge:
    """Make ``from_id`` part of ``into_id``, who keeps its own name, language, tier and notes.

    ``reason`` is the person's own words; ``link`` the address that speaks for it, where there is
    one. Raises `NotFound`, and `Refused` without a reason, for a customer merged already, for one
    and the same customer, and for a link that many people share (a withheld number).
    """
    if from_id == into_id:
        raise Refused("a customer cannot be merged with itself; name two customers")
    if not reason.strip():
        raise Refused("a merge needs a reason; say how you know that the two are one")
    if link and not _is_ones_own(link):
        raise Refused(
            f"these two have only an address in common that says nothing: {parse_address(link).reason}; "
            "merge them on the ground of a number or e-mail of their own, or leave them apart"
        )
    customers = _lock(connection, from_id, into_id)
    for customer_id in (from_id, into_id):
        _refuse_merged(customers, customer_id)
    moved = {table.name: _move_all(connection, table, from_id, into_id) for table in _MOVED}
    _touch(connection, from_id, at, merged_into=into_id)
    _touch(connection, into_id, at)
    done = Merge(ids.new("mrg"), from_id, into_id, moved, reason.strip(), actor, at)
    row = msgspec.structs.asdict(done)
    del row["audit"]
    insert(connection, schema.merges, row)
    _journal(connection, moved["contacts"], NewEntry(at, "merged", _told(done.id, into_id)))
    data = {"merge_id": done.id, "into_id": into_id, "reason": done.reason, "link": link, "moved": moved}
    entry = audit.write(connection, "customer.merged", from_id, data, at=at, ids=ids, actor=actor)
    return msgspec.structs.replace(done, audit=entry)


def undo(connection: Connection, merge_id: str, *, at: datetime, ids: Ids, actor: str) -> Merge:
    """Take a merge back: what it moved returns, what came since stays with the survivor.

    Raises `NotFound`, and `Refused` for a second undo and where the survivor was itself merged
    since (undo that one first).
    """
    merged = get(connection, merge_id)
    customers = _lock(connection, merged.from_id, merged.into_id)
    merged = get(connection, merge_id)  # as it is now that nobody else can change it
    if merged.undone_at is not None:
        raise Refused(f"merge {merge_id} was undone already")
    later = customers[merged.into_id]
    if later is not None:
        raise Refused(
            f"customer {merged.into_id} was itself merged into {later} since; undo that merge first"
        )
    returned = {
        table.name: _move_back(connection, table, merged, merged.moved.get(table.name, []))
        for table in _MOVED
    }
    _touch(connection, merged.from_id, at, merged_into=None)
    _touch(connection, merged.into_id, at)
    connection.execute(schema.merges.update().where(_m.id == merge_id).values(undone_at=at, undone_by=actor))
    _journal(connection, returned["contacts"], NewEntry(at, "unmerged", _told(merge_id, merged.from_id)))
    data = {"merge_id": merge_id, "into_id": merged.into_id, "returned": returned}
    entry = audit.write(connection, "customer.unmerged", merged.from_id, data, at=at, ids=ids, actor=actor)
    return msgspec.structs.replace(merged, undone_at=at, undone_by=actor, audit=entry)


def get(connection: Connection, merge_id: str) -> Merge:
    """The merge with this id. Raises `NotFound`."""
    row = connection.execute(sa.select(schema.merges).where(_m.id == merge_id)).first()
    if row is None:
        raise NotFound(f"there is no merge {merge_id}; the customer's page lists them")
    return _read(row)


def list_merges(
    connection: Connection,
    customer_id: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Merge]:
    """A page of merges, newest first; ``customer_id``: those it took part in. Raises `Refused`."""
    statement = sa.select(schema.merges)
    if customer_id is not None:
        statement = statement.where(sa.or_(_m.from_id == customer_id, _m.into_id == customer_id))
    return fetch_page(connection, statement, _read, by=(_m.merged_at, _m.id), cursor=cursor, limit=limit)


def candidates(connection: Connection, customer_id: str, limit: int = 20) -> list[Candidate]:
    """Customers who may be the same person, for a person to decide: they share an address of their own.

    Withheld numbers, short codes and the like are no reason and never show up here.
    """
    contacts = schema.contacts.c
    own = sa.select(contacts.from_address).where(contacts.customer_id == customer_id).distinct()
    known = sa.select(schema.identities.c.value).where(schema.identities.c.customer_id == customer_id)
    addresses = [
        address for (address,) in connection.execute(sa.union(own, known)) if parse_address(address).matchable
    ]
    if not addresses:
        return []
    rows = connection.execute(
        sa.select(_c.id, _c.name, contacts.from_address, sa.func.count())
        .join(schema.contacts, contacts.customer_id == _c.id)
        .where(contacts.from_address.in_(addresses[:_CHUNK]), _c.id != customer_id)
        .where(_c.merged_into.is_(None))
        .group_by(_c.id, _c.name, contacts.from_address)
        .order_by(sa.func.count().desc(), _c.id)
        .limit(limit)
    )
    return [Candidate(*row) for row in rows]


def _is_ones_own(link: str) -> bool:
    """Whether an address is a number or an e-mail address, of which one person has one."""
    address = parse_address(link)
    if address.matchable or address.kind in ("sip", "client"):
        return address.matchable
    try:
        return bool(normalise_identity("email", link))
    except Refused:
        return False


def _lock(connection: Connection, *customer_ids: str) -> dict[str, str | None]:
    """Into whom each customer was merged; nobody else changes the rows until the transaction ends."""
    statement = (
        sa.select(_c.id, _c.merged_into).where(_c.id.in_(customer_ids)).order_by(_c.id).with_for_update()
    )
    found: dict[str, str | None] = {row.id: row.merged_into for row in connection.execute(statement)}
    for customer_id in customer_ids:
        if customer_id not in found:
            raise NotFound(f"there is no customer {customer_id}; `contact-center customers list` shows them")
    return found


def _refuse_merged(customers: Mapping[str, str | None], customer_id: str) -> None:
    into = customers[customer_id]
    if into is not None:
        raise Refused(f"customer {customer_id} was merged into {into} already; use that one")


def _touch(connection: Connection, customer_id: str, at: datetime, **values: str | None) -> None:
    connection.execute(
        schema.customers.update()
        .where(_c.id == customer_id)
        .values(version=_c.version + 1, updated_at=at, **values)
    )


def _told(merge_id: str, customer_id: str) -> dict[str, Any]:
    return {"merge_id": merge_id, "customer_id": customer_id}


def _journal(connection: Connection, contact_ids: list[str], entry: NewEntry) -> None:
    """Note it with each contact that changed hands; that raises its version, too, so that a turn going on
    meanwhile runs again."""
    for contact_id in contact_ids:
        journal.append(connection, contact_id, [entry])


def _handed_to(table: sa.Table, customer_id: str) -> dict[str, Any]:
    versioned = {"version": table.c.version + 1} if table.name in _VERSIONED else {}
    return {"customer_id": customer_id, **versioned}


def _move_all(connection: Connection, table: sa.Table, from_id: str, into_id: str) -> list[str]:
    moved = connection.execute(
        table.update()
        .where(table.c.customer_id == from_id)
        .values(_handed_to(table, into_id))
        .returning(table.c.id)
    )
    return sorted(moved.scalars())


def _move_back(connection: Connection, table: sa.Table, merged: Merge, row_ids: list[str]) -> list[str]:
    returned: list[str] = []
    for start in range(0, len(row_ids), _CHUNK):
        moved = connection.execute(
            table.update()
            .where(table.c.id.in_(row_ids[start : start + _CHUNK]), table.c.customer_id == merged.into_id)
            .values(_handed_to(table, merged.from_id))
            .returning(table.c.id)
        )
        returned += moved.scalars()
    return sorted(returned)
