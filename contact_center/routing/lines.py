"""All waiting work, and where each piece stands: in its queue's line, and with those who may serve it.

Work that is open to everybody who can do it stands in its group's line; work that is wanted by one agent, or
kept for preferred ones, in the lines of these agents, where it is in nobody else's way. What changes with
time has a timer, what hangs upon agents is listed under them; nothing is looked at without a reason.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from contact_center.routing.groups import Groups
from contact_center.routing.line import Line
from contact_center.routing.model import AgentView, Item, QueuePolicy
from contact_center.routing.pool import Pool
from contact_center.routing.queues import Queue
from contact_center.routing.waiting import Waiting

Timer = tuple[float, str]


class Kept(Line):
    """What is kept for one agent, of one medium, as far as it ages at one pace."""

    __slots__ = ("per_second",)

    def __init__(self, per_second: float) -> None:
        super().__init__()
        self.per_second = per_second


class Lines:
    """Where everything stands.

    ``kept``: lines by agent and medium, one for each pace of ageing. ``fresh``: what has been given a place
    since the last look; ``crowded``: what may have to overflow.
    """

    def __init__(self, policies: Mapping[str, QueuePolicy], pool: Pool) -> None:
        self.pool = pool
        self.groups = Groups()
        self.works: dict[str, Waiting] = {}
        self.kept: dict[tuple[str, str], dict[float, Kept]] = {}
        self.fresh: dict[str, None] = {}
        self.crowded: dict[str, None] = {}
        self.now = 0.0
        self._policies = dict(policies)
        self._queues: dict[str, Queue] = {}
        self._pending: dict[str, None] = {}
        self._looking: dict[str, dict[str, None]] = {}
        self._timers: list[Timer] = []

    def queue(self, name: str) -> Queue:
        """A queue by name; one that has no policy gets the default one, so that its work is not lost."""
        known = self._queues.get(name)
        if known is None:
            policy = self._policies.get(name) or QueuePolicy()
            known = self._queues[name] = Queue(name, policy, self._policies)
        return known

    def depth(self) -> int:
        """How many queues there are for work to overflow through."""
        return len(self._policies) + 1

    # What is told

    def put(self, item: Item) -> None:
        """Work that waits, new or changed."""
        work = self.works.get(item.id)
        if work is None:
            self.works[item.id] = Waiting(item, self.queue(item.queue))
        else:
            self.lift(work)
            work.tell(item, self.queue(item.queue))
        self._pending[item.id] = None

    def stand_again(self, work: Waiting) -> None:
        """Give work its place anew, before anything else is asked."""
        self.lift(work)
        self._pending[work.item.id] = None

    def remove(self, item_id: str) -> None:
        """Work that waits no more."""
        self.lift(self.works.pop(item_id))
        self._pending.pop(item_id, None)
        self.fresh.pop(item_id, None)
        self.crowded.pop(item_id, None)

    def agent_changed(self, agent_id: str) -> None:
        """Look again at the work that names the agent."""
        for item_id in self._looking.get(agent_id, ()):
            self.works[item_id].left = True
            self._pending[item_id] = None

    def settle(self, now: float) -> float:
        """Give everything its place as of ``now``; time that goes back stands still. The time that counts."""
        self.now = now = max(now, self.now)
        timers = self._timers
        while timers and timers[0][0] <= now:
            instant, item_id = heapq.heappop(timers)
            work = self.works.get(item_id)
            if work is not None and work.timer == instant:
                self._pending[item_id] = None
        if self._pending:
            pending, self._pending = self._pending, {}
            for item_id in pending:
                work = self.works[item_id]
                if not work.offered_to:
                    self._leave_keepers(work)
                    self._stand(work, now)
                    self.fresh[item_id] = None
        return now

    def next_timer(self) -> float | None:
        """When time next changes something."""
        timers = self._timers
        while timers:
            work = self.works.get(timers[0][1])
            if work is not None and work.timer == timers[0][0]:
                return timers[0][0]
            heapq.heappop(timers)
        return None

    def waits_for_a_look(self) -> bool:
        """Whether something has been told or has become due that no decision has considered."""
        return bool(self._pending or self.fresh or self.crowded)

    # Standing in line

    def _stand(self, work: Waiting, now: float) -> None:
        item = work.item
        if item.not_before <= now:
            if not work.in_line:
                self._enter(work)
            self._find_takers(work, now)
            if work.queue.policy.overflow and not item.wanted:
                self.crowded[item.id] = None
        work.timer = work.next_change(now)
        if work.timer is not None:
            heapq.heappush(self._timers, (work.timer, item.id))
            if len(self._timers) > 2 * len(self.works) + 64:
                self._timers = [(w.timer, i) for i, w in self.works.items() if w.timer is not None]
                heapq.heapify(self._timers)

    def _enter(self, work: Waiting) -> None:
        line = work.queue.line
        line.add(work.place)
        work.in_line = True
        if work.queue.limits:
            # Whoever comes pushes one other across each limit, or stands behind it.
            rank = line.rank(work.place)
            for limit in work.queue.limits:
                if limit + 1 < len(line):
                    self.crowded[line.at(max(rank, limit + 1))[2]] = None

    def _find_takers(self, work: Waiting, now: float) -> None:
        item, queue = work.item, work.queue
        if item.wanted:
            if item.wanted not in work.passed(now):
                self._keep(work, [item.wanted])
            return
        work.ring = queue.ring(item.entered_at, now) if len(queue.stages) > 1 else 0
        work.group = self.groups.of(queue, item, work.ring, work.medium, self.pool)
        if queue.prefers(item):
            self._find_named(work)
            if work.named and now < item.entered_at + queue.policy.prefer_seconds:
                able, passed = self.pool.able.get(work.medium, 0), work.passed(now)
                keepers = [
                    agent_id
                    for agent_id, _ in work.named
                    if agent_id not in passed and self.pool.bit(agent_id) & able
                ]
                if keepers:
                    self._keep(work, keepers)
                    return
        self.groups.stand(work.group, work.place)

    def _find_named(self, work: Waiting) -> None:
        """Whom the strategies prefer, as far as they can do the work, and whose changes matter to that."""
        assert work.group is not None
        looked_at: set[str] = set()

        def find(agent_id: str) -> AgentView | None:
            looked_at.add(agent_id)
            member = self.pool.members.get(agent_id)
            return member.view if member else None

        named: dict[str, str] = {}
        can = work.group.bits(self.pool)
        for strategy in work.queue.prefers(work.item):
            for agent_id in strategy.agents(work.item, find):
                if self.pool.bit(agent_id) & can:
                    named.setdefault(agent_id, strategy.name)
        work.named = list(named.items())
        work.looked_at = looked_at
        for agent_id in looked_at:
            self._looking.setdefault(agent_id, {})[work.item.id] = None

    def _keep(self, work: Waiting, keepers: list[str]) -> None:
        work.keepers = keepers
        for agent_id in keepers:
            rate = work.queue.per_second
            lines = self.kept.setdefault((agent_id, work.medium), {})
            lines.setdefault(rate, Kept(rate)).add(work.place)

    def _leave_keepers(self, work: Waiting) -> None:
        """Out of all lines but the queue's own."""
        if work.keepers:
            for agent_id in work.keepers:
                lines, rate = self.kept[agent_id, work.medium], work.queue.per_second
                lines[rate].remove(work.place)
                if not lines[rate]:
                    del lines[rate]
                if not lines:
                    del self.kept[agent_id, work.medium]
            work.keepers = []
        elif work.group is not None:
            self.groups.leave(work.group, work.place)
        work.group = None
        for agent_id in work.looked_at:
            looking = self._looking[agent_id]
            del looking[work.item.id]
            if not looking:
                del self._looking[agent_id]
        work.looked_at = set()
        work.named = []

    def lift(self, work: Waiting) -> None:
        """Out of all lines."""
        self._leave_keepers(work)
        if work.in_line:
            work.queue.line.remove(work.place)
            work.in_line = False
        work.timer = None

    # Who may have it

    def takers(self, work: Waiting, now: float) -> int:
        """Who may have the work now and has room for it."""
        pool = self.pool
        free = pool.free.get(work.medium, 0)
        if work.keepers:
            kept_for = 0
            for agent_id in work.keepers:
                kept_for |= pool.bit(agent_id)
            return kept_for & free
        if work.group is None:
            return 0
        free &= work.group.bits(pool)
        if free and work.item.passed:
            for agent_id in work.passed(now):
                free &= ~pool.bit(agent_id)
        return free

    def change_policies(self, policies: Mapping[str, QueuePolicy]) -> None:
        """Other rules for all: everything finds its place anew."""
        for work in self.works.values():
            self.lift(work)
        self._policies = dict(policies)
        self._queues = {}
        self.groups = Groups()
        self._timers = []
        for item_id, work in self.works.items():
            work.be(work.item, self.queue(work.item.queue))
            self._pending[item_id] = None
