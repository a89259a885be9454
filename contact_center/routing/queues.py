"""A queue made ready for routing: its policy with strategies and order looked up, its stages, and its
line."""

from __future__ import annotations

from collections.abc import Mapping

from contact_center.routing import ORDERS, STRATEGIES
from contact_center.routing.line import Line, Place
from contact_center.routing.model import Item, QueuePolicy
from contact_center.routing.needs import stages
from contact_center.routing.orders.base import urgency
from contact_center.routing.strategies.base import Preferring, Ranking


class Queue:
    """A queue. ``line`` has all that waits in it for an agent, in the order in which it goes.

    ``per_second``: by how much urgency grows; ``limits``: the ``longer_than`` of its overflow rules.
    """

    __slots__ = ("limits", "line", "name", "order", "per_second", "policy", "preferring", "ranking", "stages")

    def __init__(self, name: str, policy: QueuePolicy, policies: Mapping[str, QueuePolicy]) -> None:
        chosen = [STRATEGIES[strategy] for strategy in policy.strategy]
        self.name = name
        self.policy = policy
        self.order = ORDERS[policy.order]
        self.ranking = next(each for each in chosen if isinstance(each, Ranking))
        self.preferring = tuple(each for each in chosen if isinstance(each, Preferring))
        self.stages = stages(policy, policies)
        self.per_second = policy.ageing / 60.0
        self.limits = tuple(rule.longer_than for rule in policy.overflow if rule.longer_than is not None)
        self.line = Line()

    def prefers(self, item: Item) -> tuple[Preferring, ...]:
        """What prefers agents for this item: the queue's strategies, behind what the item itself asks for."""
        owner_first = STRATEGIES["owner_first"]
        if not item.owner_first or owner_first in self.preferring or not isinstance(owner_first, Preferring):
            return self.preferring
        return (owner_first, *self.preferring)

    def place(self, item: Item) -> Place:
        """Where the work stands in the line, whatever the time."""
        points = self.order.points(item, self.policy)
        return (self.per_second * item.queued_at - points, item.queued_at, item.id)

    def urgency(self, item: Item, now: float) -> float:
        """How urgent the work is now."""
        return urgency(self.order.points(item, self.policy), self.policy, now - item.queued_at)

    def ring(self, entered_at: float, now: float) -> int:
        """Which ring has been reached; 0 is before the first."""
        return sum(1 for stage in self.stages[1:] if entered_at + stage.after <= now)
