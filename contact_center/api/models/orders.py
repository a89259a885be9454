"""Orders as the API shows and takes them; they come from an ERP or a shop."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contact_center.api.models.common import Given, Line, Paging, Shown, Time, Word

OrderStatus = Literal["placed", "paid", "packed", "shipped", "delivered", "canceled", "returned"]


class OrderItem(Shown):
    """A line of an order."""

    name: str
    quantity: int


class Transaction(Shown):
    """Money that moved for an order."""

    id: str
    kind: str
    amount_minor: int
    currency: str
    reference: str
    at: datetime


class Order(Shown):
    """An order. ``total_minor`` is in the currency's minor unit: 12800 CNY are 128.00 yuan."""

    id: str
    number: str
    customer_id: str | None
    account_id: str | None
    status: str
    total_minor: int
    currency: str
    items: list[OrderItem]
    placed_at: datetime
    promised_at: datetime | None
    updated_at: datetime


class OrderDetail(Order):
    """An order with its payments and refunds."""

    transactions: list[Transaction]


class OrderQuery(Paging):
    """Parameters of the list of orders."""

    customer: Word | None = Field(default=None, description="Id of the customer")
    status: OrderStatus | None = None


class NewOrderItem(Given):
    """A line of an order."""

    name: Line
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class PutOrder(Given):
    """An order as the ERP has it now; sent again with the same number it changes that order.

    ``currency`` and ``placed_at`` of an order stay as they were first sent.
    """

    status: OrderStatus
    total_minor: Annotated[int, Field(ge=0, le=2**31 - 1)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    items: list[NewOrderItem] = Field(default=[], max_length=500)
    customer_id: Word | None = None
    account_id: Word | None = None
    placed_at: Time
    promised_at: Time | None = None
