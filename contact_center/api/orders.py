"""Orders over the API: they come in from an ERP or a shop, again whenever they change."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import orders as shapes
from contact_center.api.models.common import Page
from contact_center.api.views import order_detail
from crm_store import orders
from crm_store.errors import NotFound, Refused
from crm_store.orders import Item, NewOrder, OrderChanges


async def list_orders(call: Call[shapes.OrderQuery, Nothing]) -> Page[shapes.Order]:
    asked = call.params
    found = await call.read(
        lambda connection: orders.list_orders(
            connection,
            customer_id=asked.customer,
            status=asked.status,
            cursor=asked.cursor,
            limit=asked.limit,
        )
    )
    return Page[shapes.Order].model_validate(found)


async def get_order(call: Call[Nothing, Nothing]) -> shapes.OrderDetail:
    def work(connection: Connection) -> shapes.OrderDetail:
        order = orders.get_by_number(connection, call.path["number"])
        if order is None:
            raise NotFound("there is no order with that number")
        return order_detail(connection, order)

    return await call.read(work)


async def put_order(call: Call[Nothing, shapes.PutOrder]) -> shapes.OrderDetail:
    number, body = call.path["number"], call.body
    items = tuple(Item(item.name, item.quantity) for item in body.items)

    def work(connection: Connection) -> shapes.OrderDetail:
        before = orders.get_by_number(connection, number)
        if before is None:
            new = NewOrder(number=number, **_fields(body), items=items)
            return order_detail(connection, orders.create(connection, new, **call.by))
        if (before.currency, before.placed_at) != (body.currency, body.placed_at):
            raise Refused("an order's currency and placed_at stay as they were first sent")
        changes = OrderChanges(
            status=body.status,
            total_minor=body.total_minor,
            items=items,
            customer_id=body.customer_id,
            account_id=body.account_id,
            promised_at=body.promised_at,
        )
        return order_detail(connection, orders.update(connection, before.id, changes, **call.by))

    return await call.write(work)


def _fields(body: shapes.PutOrder) -> dict[str, Any]:
    return {name: getattr(body, name) for name in type(body).model_fields if name != "items"}


ENDPOINTS = (
    Endpoint(
        "GET",
        "/orders",
        "agent",
        "List orders, newest first",
        list_orders,
        Page[shapes.Order],
        params=shapes.OrderQuery,
    ),
    Endpoint(
        "GET",
        "/orders/{number}",
        "agent",
        "Get an order by its number, with payments and refunds",
        get_order,
        shapes.OrderDetail,
        refusals=("not_found",),
    ),
    Endpoint(
        "PUT",
        "/orders/{number}",
        "supervisor",
        "Create an order, or bring it up to date",
        put_order,
        shapes.OrderDetail,
        body=shapes.PutOrder,
        refusals=("refused", "conflict"),
    ),
)
