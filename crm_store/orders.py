"""Orders and what was paid for them, as the shop or ERP tells us."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.rows import check_choice, check_columns, check_exists, given, insert, reader

STATUSES = ("placed", "paid", "packed", "shipped", "delivered", "canceled", "returned")
TRANSACTION_KINDS = ("payment", "refund", "chargeback")

_o = schema.orders.c
_x = schema.transactions.c
_MAX_AMOUNT = 2**31 - 1  # the column is an integer of 32 bits on PostgreSQL


class Item(msgspec.Struct, frozen=True):
    """What was ordered, and how many of it."""

    name: str
    quantity: int = 1


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to add. ``total_minor`` is in the currency's minor unit (cents, fen)."""

    number: str
    status: str = "placed"
    total_minor: int
    currency: str
    placed_at: datetime
    items: tuple[Item, ...] = ()
    customer_id: str | None = None
    account_id: str | None = None
    promised_at: datetime | None = None


class OrderChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New values of an order's fields; a field left out stays as it is."""

    status: str | UnsetType = UNSET
    total_minor: int | UnsetType = UNSET
    items: tuple[Item, ...] | UnsetType = UNSET
    customer_id: str | UnsetType | None = UNSET
    account_id: str | UnsetType | None = UNSET
    promised_at: datetime | UnsetType | None = UNSET


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `orders`; ``number`` is spelt as `normalise_number` does."""

    id: str
    number: str
    customer_id: str | None
    account_id: str | None
    status: str
    total_minor: int
    currency: str
    items: tuple[Item, ...]
    placed_at: datetime
    promised_at: datetime | None
    updated_at: datetime


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """Money that moved for an order; ``amount_minor`` is positive, ``kind`` says which way."""

    id: str
    order_id: str
    kind: str
    amount_minor: int
    currency: str
    reference: str
    at: datetime


_read = reader(Order)
_read_transaction = reader(Transaction)
_ALL = sa.select(schema.orders)
_BY_NUMBER = _ALL.where(_o.number == sa.bindparam("number"))
_LATEST = (
    _ALL.where(_o.customer_id == sa.bindparam("customer_id"))
    .order_by(_o.placed_at.desc(), _o.id.desc())
    .limit(1)
)


_DASH = re.compile(r"(?<=[A-Z])(?=[0-9])")


def normalise_number(number: str) -> str:
    """The spelling in which order numbers are stored and looked for: upper case, without blanks,
    with the digits and letters of the Latin keyboard for the full-width ones of a Chinese one."""
    plain = unicodedata.normalize("NFKC", number).upper()
    kept = "".join(
        "-" if unicodedata.category(letter) == "Pd" else letter for letter in plain if _is_kept(letter)
    )
    return unicodedata.normalize("NFKC", kept)


def _is_kept(letter: str) -> bool:
    """Neither blank, nor invisible, nor an accent of its own."""
    return not letter.isspace() and unicodedata.category(letter)[0] not in "CM"


def create(connection: Connection, new: NewOrder, *, at: datetime, ids: Ids, actor: str) -> Order:
    """Add an order. Raises `Refused` for a number that is taken and for a value that cannot be."""
    values = msgspec.structs.asdict(new)
    values["number"] = normalise_number(new.number)
    if not values["number"]:
        raise Refused("an order needs a number")
    if len(new.currency) != 3:
        raise Refused("currency: give its three letters (ISO 4217), such as CNY")
    if get_by_number(connection, new.number) is not None:
        raise Refused(f"there is an order {values['number']} already; update that one")
    _check(connection, values)
    order = Order(**values, id=ids.new("ord"), updated_at=at)
    insert(connection, schema.orders, msgspec.structs.asdict(order))
    audit.write(connection, "order.created", order.id, {}, at=at, ids=ids, actor=actor)
    return order


def update(
    connection: Connection, order_id: str, changes: OrderChanges, *, at: datetime, ids: Ids, actor: str
) -> Order:
    """Change fields of an order. Raises `NotFound`, and `Refused` for a value that cannot be."""
    before = get(connection, order_id)
    values = given(changes)
    _check(connection, values)
    connection.execute(schema.orders.update().where(_o.id == order_id).values({**values, "updated_at": at}))
    data = {name: {"from": getattr(before, name), "to": value} for name, value in values.items()}
    audit.write(connection, "order.updated", order_id, data, at=at, ids=ids, actor=actor)
    return get(connection, order_id)


def get(connection: Connection, order_id: str) -> Order:
    """The order with this id. Raises `NotFound`."""
    row = connection.execute(_ALL.where(_o.id == order_id)).first()
    if row is None:
        raise NotFound(f"there is no order {order_id}")
    return _read(row)


def get_by_number(connection: Connection, number: str) -> Order | None:
    """The order with this number, in whatever case and width it was typed, if there is one.

    Who says a number aloud says no dashes: where there is none so written, the one that differs only in a
    dash between its letters and digits will do.
    """
    written = normalise_number(number)
    for spelling in dict.fromkeys((written, written.replace("-", ""), _DASH.sub("-", written, count=1))):
        row = connection.execute(_BY_NUMBER, {"number": spelling}).first()
        if row is not None:
            return _read(row)
    return None


def latest_for_customer(connection: Connection, customer_id: str) -> Order | None:
    """The customer's last order, if there is one."""
    row = connection.execute(_LATEST, {"customer_id": customer_id}).first()
    return None if row is None else _read(row)


def list_orders(
    connection: Connection,
    *,
    customer_id: str | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Order]:
    """A page of orders, newest first. Raises `Refused` for a bad cursor."""
    statement = _ALL
    if customer_id is not None:
        statement = statement.where(_o.customer_id == customer_id)
    if status is not None:
        statement = statement.where(_o.status == status)
    return fetch_page(connection, statement, _read, by=(_o.placed_at, _o.id), cursor=cursor, limit=limit)


def add_transaction(
    connection: Connection,
    order_id: str,
    kind: str,
    amount_minor: int,
    *,
    reference: str = "",
    at: datetime,
    ids: Ids,
    actor: str,
) -> Transaction:
    """Note money that moved, in the order's currency. Raises `NotFound`, and `Refused` for what cannot be."""
    order = get(connection, order_id)
    check_choice("kind", kind, TRANSACTION_KINDS)
    if not 0 < amount_minor <= _MAX_AMOUNT:
        raise Refused(f"amount_minor: give 1 to {_MAX_AMOUNT} of the minor unit; kind says which way it went")
    transaction = Transaction(
        id=ids.new("trx"),
        order_id=order_id,
        kind=kind,
        amount_minor=amount_minor,
        currency=order.currency,
        reference=reference,
        at=at,
    )
    insert(connection, schema.transactions, msgspec.structs.asdict(transaction))
    data = {"transaction_id": transaction.id, "kind": kind, "amount_minor": amount_minor}
    audit.write(connection, "order.transaction", order_id, data, at=at, ids=ids, actor=actor)
    return transaction


def list_transactions(connection: Connection, order_id: str) -> list[Transaction]:
    """What was paid and refunded for an order, oldest first."""
    statement = sa.select(schema.transactions).where(_x.order_id == order_id).order_by(_x.at, _x.id)
    return [_read_transaction(row) for row in connection.execute(statement)]


def _check(connection: Connection, values: dict[str, Any]) -> None:
    if "status" in values:
        check_choice("status", values["status"], STATUSES)
    if not 0 <= values.get("total_minor", 0) <= _MAX_AMOUNT:
        raise Refused(f"total_minor: give 0 to {_MAX_AMOUNT} of the currency's minor unit")
    check_columns(schema.orders, values)
    check_exists(connection, schema.customers, "customer_id", values.get("customer_id"))
    check_exists(connection, schema.accounts, "account_id", values.get("account_id"))
