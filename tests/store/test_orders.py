"""Orders: found however their number is typed, and changed only into what can be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from crm_store import customers, orders
from crm_store.customers import NewCustomer
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.orders import Item, NewOrder, OrderChanges


@pytest.fixture
def by(at: datetime, ids: Ids) -> dict[str, Any]:
    return {"at": at, "ids": ids, "actor": "erp"}


def order(number: str, at: datetime, **values: Any) -> NewOrder:
    return NewOrder(**{"number": number, "total_minor": 12_900, "currency": "CNY", "placed_at": at, **values})


def test_an_order_comes_back_as_created(connection: Connection, by: dict[str, Any]) -> None:
    new = order("so-1001a", by["at"], items=(Item("电饭煲", 2),), promised_at=by["at"] + timedelta(days=3))
    made = orders.create(connection, new, **by)
    assert orders.get(connection, made.id) == made
    assert (made.number, made.items, made.status, made.promised_at) == (
        "SO-1001A",
        (Item("电饭煲", 2),),
        "placed",
        by["at"] + timedelta(days=3),
    )


@pytest.mark.parametrize(
    "typed", ["SO-1001A", "so-1001a", " so - 1001a ", "ＳＯ－１００１Ａ", "so–1001a", "SO-10\u200b01A"]
)
def test_a_number_is_found_however_it_is_typed(
    connection: Connection, by: dict[str, Any], typed: str
) -> None:
    made = orders.create(connection, order("SO-1001A", by["at"]), **by)
    assert orders.get_by_number(connection, typed) == made
    with pytest.raises(Refused, match="already"):
        orders.create(connection, order(typed, by["at"]), **by)


def test_other_numbers_are_not_found(connection: Connection, by: dict[str, Any]) -> None:
    orders.create(connection, order("SO-1001A", by["at"]), **by)
    for typed in ("", "SO-1001", "1001A", "%", "SO_1001A"):
        assert orders.get_by_number(connection, typed) is None


@given(st.text())
def test_a_stored_number_stands_for_itself(typed: str) -> None:
    stored = orders.normalise_number(typed)
    assert orders.normalise_number(stored) == stored
    assert "\0" not in stored


def test_the_latest_order_and_the_list(connection: Connection, by: dict[str, Any]) -> None:
    ada, ben = (customers.create(connection, NewCustomer(), **by).id for _ in range(2))
    made = [
        orders.create(
            connection,
            order(f"{days}", by["at"] - timedelta(days=days), customer_id=ada, status=status),
            **by,
        )
        for days, status in ((3, "paid"), (1, "shipped"), (2, "paid"))
    ]
    assert orders.latest_for_customer(connection, ada) == made[1]
    assert orders.latest_for_customer(connection, ben) is None
    assert orders.list_orders(connection, customer_id=ada).items == (made[1], made[2], made[0])
    assert orders.list_orders(connection, status="paid").items == (made[2], made[0])
    assert orders.list_orders(connection, customer_id=ben).items == ()
    first = orders.list_orders(connection, limit=2)
    assert orders.list_orders(connection, cursor=first.next_cursor).items == (made[0],)


def test_changes_leave_the_rest_alone(connection: Connection, by: dict[str, Any]) -> None:
    made = orders.create(connection, order("1", by["at"]), **by)
    later = by | {"at": by["at"] + timedelta(hours=1)}
    changed = orders.update(
        connection, made.id, OrderChanges(status="shipped", items=(Item("lamp"),)), **later
    )
    assert (changed.status, changed.items, changed.total_minor) == ("shipped", (Item("lamp"),), 12_900)
    assert (changed.placed_at, changed.updated_at) == (made.placed_at, later["at"])
    with pytest.raises(NotFound):
        orders.update(connection, "ord_nothing", OrderChanges(status="paid"), **by)
    for changes in (
        OrderChanges(status="lost"),
        OrderChanges(total_minor=-1),
        OrderChanges(total_minor=2**31),
        OrderChanges(customer_id="cus_nobody"),
    ):
        with pytest.raises(Refused):
            orders.update(connection, made.id, changes, **by)


@pytest.mark.parametrize(
    "values",
    [
        {"number": "  "},
        {"number": "9" * 41},
        {"status": "lost"},
        {"total_minor": -1},
        {"currency": "RMB!"},
        {"customer_id": "cus_nobody"},
        {"account_id": "acc_nobody"},
    ],
)
def test_orders_that_cannot_be(connection: Connection, by: dict[str, Any], values: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        orders.create(connection, order(**{"number": "1", "at": by["at"], **values}), **by)


def test_transactions(connection: Connection, by: dict[str, Any]) -> None:
    made = orders.create(connection, order("1", by["at"]), **by)
    later = by | {"at": by["at"] + timedelta(days=1)}
    refund = orders.add_transaction(connection, made.id, "refund", 900, **later)
    payment = orders.add_transaction(connection, made.id, "payment", 12_900, reference="tx 1", **by)
    assert orders.list_transactions(connection, made.id) == [payment, refund]
    assert (payment.currency, payment.reference, refund.amount_minor) == ("CNY", "tx 1", 900)
    with pytest.raises(NotFound):
        orders.add_transaction(connection, "ord_nothing", "payment", 1, **by)
    for kind, amount in (("gift", 1), ("payment", 0), ("payment", -5), ("payment", 2**31)):
        with pytest.raises(Refused):
            orders.add_transaction(connection, made.id, kind, amount, **by)


@pytest.mark.parametrize("said", ["CC100234", "cc-100234", "CC-100234", "cc 100234"])
def test_a_number_is_found_with_and_without_its_dash(
    connection: Connection, by: dict[str, Any], said: str
) -> None:
    made = orders.create(connection, order("CC-100234", by["at"]), **by)
    assert orders.get_by_number(connection, said) == made
    assert orders.get_by_number(connection, "CC-10023-4") is None
