"""Waiting work in groups: what one queue has waiting that needs, and prefers, the same of an agent.

Within a group only the first in line matters to an agent who becomes free, so a decision looks at the heads
of the groups that ask for something the agent has, and at no other work.
"""

from __future__ import annotations

from typing import Final

from contact_center.routing.heads import HeadIndex, Heads
from contact_center.routing.line import Line, Place
from contact_center.routing.model import AgentView, Item
from contact_center.routing.needs import Need, has_skills, need_of, speaks
from contact_center.routing.pool import Member, Pool
from contact_center.routing.queues import Queue
from contact_center.routing.strategies.base import Wanted

LANGUAGE_POINTS: Final = 10
"""What speaking the customer's language counts where it is preferred: as much as an expert's skill of weight
1."""

FEW: Final = 512
"""So many groups are kept, empty ones too; then the empty ones go."""


class Group:
    """Work of one queue, ring and medium with the same needs and preferences, in line."""

    __slots__ = (
        "_bits",
        "_generation",
        "_skilled",
        "_speaking",
        "heads",
        "language_points",
        "line",
        "medium",
        "need",
        "preferred",
        "queue",
        "wanted",
        "weights",
    )  # fmt: skip

    def __init__(self, queue: Queue, item: Item, ring: int, medium: str) -> None:
        stage = queue.stages[ring]
        policy = queue.policy
        self.queue = queue
        self.medium = medium
        self.need: Need = need_of(item, stage)
        weights = {**policy.preferred}
        for skill, weight in item.preferred.items():
            weights[skill] = weights.get(skill, 0) + weight
        self.weights = tuple(sorted(weights.items()))
        self.preferred = item.language if stage.language == "preferred" else ""
        self.language_points = LANGUAGE_POINTS if self.preferred else 0
        names = {*stage.required, *item.required, *weights}
        self.wanted = Wanted(queue.name, tuple((name, 1) for name in sorted(names)))
        self.line = Line()
        self.heads: tuple[Heads, ...] = ()
        self._generation = -1
        self._skilled = self._speaking = self._bits = 0

    def admits(self, view: AgentView) -> bool:
        """Whether the agent can do the work."""
        language = self.need.language
        if language and language not in view.languages and not speaks(view.languages, language):
            return False
        return has_skills(view.skills, self.need.alternatives)

    def _look_up(self, pool: Pool) -> None:
        if self._generation != pool.generation:
            self._generation = pool.generation
            self._skilled = pool.skilled(self.need.alternatives)
            self._speaking = pool.speaking(self.need.language)
            self._bits = self._skilled & self._speaking

    def bits(self, pool: Pool) -> int:
        """Who can do the work, whether free or not."""
        self._look_up(pool)
        return self._bits

    def skilled(self, pool: Pool) -> int:
        """Who has the skills."""
        self._look_up(pool)
        return self._skilled

    def points(self, member: Member, pool: Pool) -> int:
        """The agent's points for what is preferred."""
        if not self.weights and not self.language_points:
            return 0
        return pool.sums(self.weights, self.preferred, self.language_points).of(member.bit)

    def ranked(self, among: int, pool: Pool, count: int) -> list[Member]:
        """At most ``count`` of ``among``, the best first."""
        found: list[Member] = []
        while among and len(found) < count:
            best = among
            if best & (best - 1):
                if self.weights or self.language_points:
                    sums = pool.sums(self.weights, self.preferred, self.language_points)
                    best = sums.highest(best)
                best = self.queue.ranking.best(best, self.wanted, pool)
            found += pool.idlest(best, count - len(found))
            among ^= best
        return found


Key = tuple[str, int, str, str, tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]


class Groups:
    """All groups, and the index of the heads of their lines."""

    def __init__(self) -> None:
        self.heads = HeadIndex()
        self._by_key: dict[Key, Group] = {}
        self._limit = FEW

    def of(self, queue: Queue, item: Item, ring: int, medium: str, pool: Pool) -> Group:
        """The group that the work belongs to at this ring of the queue."""
        language = "" if queue.stages[ring].language == "ignored" else item.language
        required = tuple(sorted(item.required.items())) if item.required else ()
        preferred = tuple(sorted(item.preferred.items())) if item.preferred else ()
        key = (queue.name, ring, medium, language, required, preferred)
        group = self._by_key.get(key)
        if group is None:
            if len(self._by_key) >= self._limit:
                self._by_key = {each: group for each, group in self._by_key.items() if group.line}
                self._limit = max(FEW, 2 * len(self._by_key))
            group = self._by_key[key] = Group(queue, item, ring, medium)
            group.heads = self.heads.lines_of(medium, group.need.alternatives, queue.per_second, pool)
        return group

    @staticmethod
    def stand(group: Group, place: Place) -> None:
        """Let work into the group's line."""
        before = group.line.first
        group.line.add(place)
        if group.line.first is place:
            for heads in group.heads:
                heads.change(before, place)

    @staticmethod
    def leave(group: Group, place: Place) -> None:
        """Take work out of the group's line."""
        before = group.line.first
        group.line.remove(place)
        if before == place:
            for heads in group.heads:
                heads.change(place, group.line.first)
