"""What an order of work is."""

from __future__ import annotations

from typing import ClassVar

from contact_center.routing.model import Item, QueuePolicy


class Order:
    """Which work goes first: the most urgent, and that is points plus the queue's ``ageing`` for each minute
    waited.

    All work of a queue ages alike, so its order within the queue stays as it is while time passes.
    """

    name: ClassVar[str]

    def points(self, item: Item, policy: QueuePolicy) -> float:
        """What the work has from the start."""
        raise NotImplementedError


def urgency(points: float, policy: QueuePolicy, waited: float) -> float:
    """Points of work that has waited so many seconds."""
    return points + policy.ageing / 60.0 * waited
