"""``first_come``: who came first goes first."""

from __future__ import annotations

from typing import ClassVar

from contact_center.routing.model import Item, QueuePolicy
from contact_center.routing.orders.base import Order


class FirstCome(Order):
    """Within the queue only the place in line counts, not the work's priority nor the customer's tier.

    Against other queues the queue's own ``priority`` counts, and each minute waited by its ``ageing``.
    """

    name: ClassVar[str] = "first_come"

    def points(self, item: Item, policy: QueuePolicy) -> float:
        """The queue's own."""
        return float(policy.priority)
