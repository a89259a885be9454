"""``priority_ageing``: who has more points goes first, and every minute of waiting adds some."""

from __future__ import annotations

from typing import ClassVar

from contact_center.routing.model import Item, QueuePolicy
from contact_center.routing.orders.base import Order


class PriorityAgeing(Order):
    """The points of the work, of its queue and of the customer's tier, and ``ageing`` for each minute since
    `queued_at`.

    With ``ageing`` above 0 nobody starves: work with d points less is first after d / ageing minutes
    more, whatever comes after it.
    """

    name: ClassVar[str] = "priority_ageing"

    def points(self, item: Item, policy: QueuePolicy) -> float:
        """Work, queue and tier together."""
        return float(item.priority + policy.priority + policy.tiers.get(item.tier, 0))
