"""Customers: who they are, how to treat them, and who it is that calls (DESIGN D9: recognised, not guessed).

The addresses by which they are known are in `crm_store.identities`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.addresses import IDENTITY_KINDS, normalise_identity, parse_address
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.rows import change, check_choice, check_exists, given, insert, reader
from crm_store.sql import has_item

TIERS = ("standard", "silver", "gold", "key")
"""How important a customer or account is; ``key`` ones go to their owner first."""

_SAME_NUMBER = {"phone": "whatsapp", "whatsapp": "phone"}
"""WhatsApp proves who holds a number, so a number known to one is known to the other."""

_c = schema.customers.c
_i = schema.identities.c


class NewCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """What may be known of a customer at the beginning: everything is optional.

    ``language`` is a tag such as ``zh-CN``, '' not known. ``preferred_hours``: ``09:00-12:00 Asia/Shanghai``.
    """

    name: str = ""
    first_name: str = ""
    language: str = ""
    tier: str = "standard"
    tags: tuple[str, ...] = ()
    preferred_channel: str = ""
    preferred_hours: str = ""
    notes: str = ""
    account_id: str | None = None
    owner_id: str | None = None


class CustomerChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New values of a customer's fields; a field left out stays as it is."""

    name: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    tier: str | UnsetType = UNSET
    tags: tuple[str, ...] | UnsetType = UNSET
    preferred_channel: str | UnsetType = UNSET
    preferred_hours: str | UnsetType = UNSET
    notes: str | UnsetType = UNSET
    account_id: str | UnsetType | None = UNSET
    owner_id: str | UnsetType | None = UNSET


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `customers`. ``merged_into`` is the customer that this one turned out to be, None for most."""

    id: str
    name: str
    first_name: str
    language: str
    tier: str
    tags: tuple[str, ...]
    preferred_channel: str
    preferred_hours: str
    notes: str
    account_id: str | None
    owner_id: str | None
    merged_into: str | None
    version: int
    created_at: datetime
    updated_at: datetime


class CustomerFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which customers; None lets all pass. ``text`` is a part of a name or identity.

    ``merged``: those that were merged into others (None leaves both kinds in).
    """

    text: str | None = None
    tier: str | None = None
    tag: str | None = None
    language: str | None = None
    account_id: str | None = None
    owner_id: str | None = None
    merged: bool | None = False


class Recognised(msgspec.Struct, frozen=True):
    """Who is calling, and all that greeting and routing need of it.

    ``owner_*`` is the customer's own, else the account's owner, '' without one. ``is_key``: the
    customer or its account is of tier ``key``.
    """

    customer_id: str
    name: str
    first_name: str
    language: str
    tier: str
    tags: tuple[str, ...]
    preferred_channel: str
    account_id: str
    account_name: str
    owner_id: str
    owner_name: str
    is_key: bool


_read = reader(Customer)
_ALL = sa.select(schema.customers)
_BY_IDENTITY = sa.select(_i.customer_id).where(
    _i.kind == sa.bindparam("kind"), _i.value == sa.bindparam("value")
)
_BY_ID = _ALL.where(_c.id == sa.bindparam("id"))
_MERGED_INTO = sa.select(_c.merged_into).where(_c.id == sa.bindparam("id"))

_accounts = schema.accounts.c
_owners = schema.agents.alias("owners")
_RECOGNISED: sa.Select[Any] = sa.select(
    _c.id.label("customer_id"),
    *(_c[name] for name in ("name", "first_name", "language", "tier", "tags", "preferred_channel")),
    sa.func.coalesce(_accounts.id, "").label("account_id"),
    sa.func.coalesce(_accounts.name, "").label("account_name"),
    sa.func.coalesce(_owners.c.id, "").label("owner_id"),
    sa.func.coalesce(_owners.c.name, "").label("owner_name"),
    sa.or_(_c.tier == "key", sa.func.coalesce(_accounts.tier, "") == "key").label("is_key"),
    _c.merged_into,
)


def _with_owner(source: sa.FromClause) -> sa.Join:
    return source.outerjoin(schema.accounts, _accounts.id == _c.account_id).outerjoin(
        _owners, _owners.c.id == sa.func.coalesce(_c.owner_id, _accounts.owner_id)
    )


_RECOGNISE_ID = _RECOGNISED.select_from(_with_owner(schema.customers)).where(_c.id == sa.bindparam("id"))
_KIND = sa.bindparam("kind", type_=sa.String)
_RECOGNISE = (
    _RECOGNISED.select_from(_with_owner(schema.identities.join(schema.customers, _c.id == _i.customer_id)))
    .where(_i.value == sa.bindparam("value"), _i.kind.in_([_KIND, sa.bindparam("other", type_=sa.String)]))
    .order_by(sa.case((_i.kind == _KIND, 0), else_=1))
    .limit(1)
)
_read_recognised = reader(Recognised)


def create(connection: Connection, new: NewCustomer, *, at: datetime, ids: Ids, actor: str) -> Customer:
    """Add a customer. Raises `Refused` for a value that cannot be and an account or owner that is not."""
    _check(connection, msgspec.structs.asdict(new))
    customer = Customer(
        **msgspec.structs.asdict(new),
        id=ids.new("cus"),
        merged_into=None,
        version=0,
        created_at=at,
        updated_at=at,
    )
    insert(connection, schema.customers, msgspec.structs.asdict(customer))
    audit.write(connection, "customer.created", customer.id, {}, at=at, ids=ids, actor=actor)
    return customer


def find(connection: Connection, customer_id: str) -> Customer | None:
    """The customer with this id, if there is one; a merged one as itself (see `follow`)."""
    row = connection.execute(_BY_ID, {"id": customer_id}).first()
    return None if row is None else _read(row)


def get(connection: Connection, customer_id: str) -> Customer:
    """As `find`. Raises `NotFound`."""
    customer = find(connection, customer_id)
    if customer is None:
        raise NotFound(f"there is no customer {customer_id}; `contact-center customers list` shows them")
    return customer


def follow(connection: Connection, customer_id: str) -> str:
    """The id under which this customer lives now: its own, or that of the last one it was merged into."""
    while True:
        row = connection.execute(_MERGED_INTO, {"id": customer_id}).first()
        if row is None or row.merged_into is None:
            return customer_id
        customer_id = row.merged_into


def recognise(connection: Connection, kind: str, value: str) -> Recognised | None:
    """Who is known by this identity, with what greeting and routing need, in one query; None for a stranger.

    ``kind`` and ``value`` are those of `crm_store.addresses.parse_address`: never raises for what
    is no identity (a withheld number), which matches nobody.
    """
    if kind in _SAME_NUMBER:
        if not parse_address(value).matchable:
            return None
    elif kind not in IDENTITY_KINDS or not value:
        return None
    values = {"kind": kind, "other": _SAME_NUMBER.get(kind, kind), "value": value}
    row = connection.execute(_RECOGNISE, values).first()
    if row is not None and row.merged_into is not None:
        living = follow(connection, row.customer_id)
        row = connection.execute(_RECOGNISE_ID, {"id": living}).first()
    return None if row is None else _read_recognised(row)


def recognise_by_id(connection: Connection, customer_id: str) -> Recognised | None:
    """As `recognise`, for a customer recognised before (a contact's); a merged one where it lives now."""
    row = connection.execute(_RECOGNISE_ID, {"id": follow(connection, customer_id)}).first()
    return None if row is None else _read_recognised(row)


def find_by_identity(connection: Connection, kind: str, value: str) -> Customer | None:
    """The customer who is known by exactly this identity, however it is spelt, where it lives now.

    Raises `Refused` for an unknown kind and for a value that can be nobody's identity.
    """
    spelt = normalise_identity(kind, value)
    owner = connection.execute(_BY_IDENTITY, {"kind": kind, "value": spelt}).scalar()
    return None if owner is None else get(connection, follow(connection, owner))


def update(
    connection: Connection,
    customer_id: str,
    version: int,
    changes: CustomerChanges,
    *,
    at: datetime,
    ids: Ids,
    actor: str,
) -> Customer:
    """Change fields of a customer that must still have ``version``.

    Raises `NotFound`, `Conflict`, and `Refused` for a value that cannot be or a customer merged
    into another.
    """
    before = get(connection, customer_id)
    if before.merged_into is not None:
        raise Refused(f"customer {customer_id} was merged; change {follow(connection, customer_id)} instead")
    values = given(changes)
    _check(connection, values)
    change(connection, schema.customers, customer_id, version, {**values, "updated_at": at})
    audit.write(
        connection,
        "customer.updated",
        customer_id,
        {name: {"from": getattr(before, name), "to": value} for name, value in values.items()},
        at=at,
        ids=ids,
        actor=actor,
    )
    return get(connection, customer_id)


def search(
    connection: Connection, which: CustomerFilter, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Customer]:
    """A page of customers, newest first. Raises `Refused` for a bad cursor."""
    statement = _ALL.where(*_conditions(which))
    return fetch_page(connection, statement, _read, by=(_c.created_at, _c.id), cursor=cursor, limit=limit)


def _conditions(which: CustomerFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [
        _c[name] == value
        for name in ("tier", "language", "account_id", "owner_id")
        if (value := getattr(which, name)) is not None
    ]
    if which.tag is not None:
        found.append(has_item(_c.tags, which.tag))
    if which.merged is not None:
        found.append(_c.merged_into.is_not(None) if which.merged else _c.merged_into.is_(None))
    if which.text and (text := which.text.replace("\0", "").strip()):
        known_by = sa.select(_i.customer_id).where(_i.value.icontains(_joined(text), autoescape=True))
        found.append(sa.or_(_c.name.icontains(text, autoescape=True), _c.id.in_(known_by)))
    return found


def _joined(text: str) -> str:
    """A number as it is stored, however it was grouped; any other text as it is."""
    digits = "".join(letter for letter in text if letter not in " ()-./")
    return digits if digits.removeprefix("+").isdigit() else text


def _check(connection: Connection, values: dict[str, Any]) -> None:
    if "tier" in values:
        check_choice("tier", values["tier"], TIERS)
    check_exists(connection, schema.accounts, "account_id", values.get("account_id"))
    check_exists(connection, schema.agents, "owner_id", values.get("owner_id"))
