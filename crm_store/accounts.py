"""Accounts: the organisations that customers belong to."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.customers import TIERS
from crm_store.errors import NotFound
from crm_store.ids import Ids
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.rows import check_choice, check_columns, check_exists, given, insert, reader

_c = schema.accounts.c


class Account(msgspec.Struct, frozen=True):
    """A row of `accounts`. Customers of an account of tier ``key`` go to its owner first."""

    id: str
    name: str
    tier: str
    owner_id: str | None
    created_at: datetime


class AccountChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New values of an account's fields; a field left out stays as it is."""

    name: str | UnsetType = UNSET
    tier: str | UnsetType = UNSET
    owner_id: str | UnsetType | None = UNSET


_read = reader(Account)
_ALL = sa.select(schema.accounts)


def create(
    connection: Connection,
    name: str,
    *,
    tier: str = "standard",
    owner_id: str | None = None,
    at: datetime,
    ids: Ids,
    actor: str,
) -> Account:
    """Add an account. Raises `Refused` for a value that cannot be."""
    check_choice("tier", tier, TIERS)
    check_exists(connection, schema.agents, "owner_id", owner_id)
    account = Account(ids.new("acc"), name, tier, owner_id, at)
    insert(connection, schema.accounts, msgspec.structs.asdict(account))
    audit.write(connection, "account.created", account.id, {}, at=at, ids=ids, actor=actor)
    return account


def get(connection: Connection, account_id: str) -> Account:
    """The account with this id. Raises `NotFound`."""
    row = connection.execute(_ALL.where(_c.id == account_id)).first()
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    return _read(row)


def update(
    connection: Connection, account_id: str, changes: AccountChanges, *, at: datetime, ids: Ids, actor: str
) -> Account:
    """Change fields of an account. Raises `NotFound`, and `Refused` for a value that cannot be."""
    before = get(connection, account_id)
    values = given(changes)
    if not values:
        return before
    if "tier" in values:
        check_choice("tier", values["tier"], TIERS)
    check_exists(connection, schema.agents, "owner_id", values.get("owner_id"))
    check_columns(schema.accounts, values)
    connection.execute(schema.accounts.update().where(_c.id == account_id).values(values))
    data = {name: {"from": getattr(before, name), "to": value} for name, value in values.items()}
    audit.write(connection, "account.updated", account_id, data, at=at, ids=ids, actor=actor)
    return get(connection, account_id)


def list_accounts(
    connection: Connection, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Account]:
    """A page of accounts, newest first. Raises `Refused` for a bad cursor."""
    return fetch_page(connection, _ALL, _read, by=(_c.created_at, _c.id), cursor=cursor, limit=limit)
