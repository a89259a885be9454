"""One piece of waiting work as the router keeps it."""

from __future__ import annotations

from contact_center.agent import MEDIUM
from contact_center.routing.groups import Group
from contact_center.routing.line import Place
from contact_center.routing.model import Item
from contact_center.routing.queues import Queue


class Waiting:
    """Work that waits, or that is being offered.

    ``item``: as it is, with a move that is assumed; ``known``: as it was last told. ``group``: where it
    belongs, None for work that is wanted by one agent. ``named``: agents on duty whom a strategy prefers for
    it, the first first, with the strategy. ``keepers``: the only agents who may have it now; empty for work
    that is open to all. ``looked_at``: agents whose changes may change the two. ``in_line``: whether it
    stands in its queue's line, ``timer``: when time will change something. ``came``, ``left``: what has
    happened since the last decision: it came, or an agent that it was kept for changed. ``offered_to``: who
    is being offered it.
    """

    __slots__ = (
        "blocked",
        "came",
        "group",
        "in_line",
        "item",
        "keepers",
        "known",
        "left",
        "looked_at",
        "medium",
        "moved",
        "named",
        "offered_to",
        "place",
        "queue",
        "ring",
        "timer",
    )

    def __init__(self, item: Item, queue: Queue) -> None:
        self.tell(item, queue)

    def tell(self, item: Item, queue: Queue) -> None:
        """What is known of it now; it waits, and has yet to be given its place."""
        self.known = item
        self.came = True
        self.left = False
        self.moved = False
        self.offered_to = ""
        self.timer: float | None = None
        self.group: Group | None = None
        self.ring = 0
        self.named: list[tuple[str, str]] = []
        self.keepers: list[str] = []
        self.looked_at: set[str] = set()
        self.blocked: list[Group] = []
        self.in_line = False
        self.be(item, queue)

    def be(self, item: Item, queue: Queue) -> None:
        """Stand in ``queue`` as ``item`` says."""
        self.item = item
        self.queue = queue
        self.medium = MEDIUM[item.kind]
        self.place: Place = queue.place(item)

    def passed(self, now: float) -> list[str]:
        """Agents who shall not be offered it now."""
        return [agent_id for agent_id, until in self.item.passed.items() if until > now]

    def next_change(self, now: float) -> float | None:
        """The next instant at which time alone changes who may have it, or where it waits."""
        item, policy = self.item, self.queue.policy
        if item.not_before > now:
            return item.not_before
        instants = [until for agent_id, until in item.passed.items() if item.wanted in ("", agent_id)]
        if not item.wanted:
            instants += [item.entered_at + stage.after for stage in self.queue.stages[1:]]
            instants += [item.entered_at + rule.after for rule in policy.overflow]
            if self.keepers:
                instants.append(item.entered_at + policy.prefer_seconds)
        return min((instant for instant in instants if instant > now), default=None)
