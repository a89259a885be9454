"""The heads of all groups' lines, by the skills that their work needs, so that an agent who becomes free
finds the most urgent work among what asks for something the agent has.

A group is found under two required skills of each of its alternatives, the two that the fewest agents have:
its pair. Work that needs one skill or none has ('', skill) or ('', ''). Within a pair there is a line of
heads for each two levels. In all of them work ages at one pace, so that their order holds at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from contact_center.routing.line import Line, Place
from contact_center.routing.needs import SkillSet
from contact_center.routing.pool import Member, Pool

NO_SKILL: Final = ("", 0)


class Heads(Line):
    """Heads of groups that need two skills at the same levels."""

    __slots__ = ("pair", "per_second")

    def __init__(self, pair: Pair) -> None:
        super().__init__()
        self.pair = pair
        self.per_second = pair.per_second

    def change(self, before: Place | None, after: Place | None) -> None:
        """Another work heads a group."""
        if before is not None:
            self.remove(before)
        if after is not None:
            self.add(after)
        self.pair.look_again()


class Pair:
    """All that needs two skills, at whichever levels. ``first``: the most urgent of it, None where nothing
    waits."""

    __slots__ = ("by_level", "first", "one", "other", "per_second")

    def __init__(self, one: str, other: str, per_second: float) -> None:
        self.one = one
        self.other = other
        self.per_second = per_second
        self.first: Place | None = None
        self.by_level: dict[tuple[int, int], Heads] = {}

    def look_again(self) -> None:
        """One of the lines has changed."""
        first: Place | None = None
        for heads in self.by_level.values():
            here = heads.first
            if here is not None and (first is None or here < first):
                first = here
        self.first = first

    def at_level(self, level: int, other_level: int) -> Heads:
        """The line for two levels."""
        heads = self.by_level.get((level, other_level))
        if heads is None:
            heads = self.by_level[level, other_level] = Heads(self)
        return heads

    def lines_for(self, members: Sequence[Member]) -> Iterator[Heads]:
        """The lines with work whose levels one of the agents has."""
        for (level, other_level), heads in self.by_level.items():
            if heads.first is None:
                continue
            for member in members:
                skills = member.view.skills
                if skills.get(self.one, 0) >= level and skills.get(self.other, 0) >= other_level:
                    yield heads
                    break


class HeadIndex:
    """All pairs by medium and skills."""

    def __init__(self) -> None:
        self._pairs: dict[str, dict[str, dict[str, dict[float, Pair]]]] = {}

    def lines_of(
        self, medium: str, alternatives: tuple[SkillSet, ...], per_second: float, pool: Pool
    ) -> tuple[Heads, ...]:
        """The lines in which a group with these needs has its head."""
        found: dict[int, Heads] = {}
        for skills in alternatives:
            rarest = sorted(skills, key=lambda need: (pool.having(*need), need))[:2]
            (one, level), (other, other_level) = [NO_SKILL, NO_SKILL, *sorted(rarest)][-2:]
            by_pace = self._pairs.setdefault(medium, {}).setdefault(one, {}).setdefault(other, {})
            if per_second not in by_pace:
                by_pace[per_second] = Pair(one, other, per_second)
            heads = by_pace[per_second].at_level(level, other_level)
            found[id(heads)] = heads
        return tuple(found.values())

    def pairs_for(self, member: Member, medium: str) -> Iterator[Pair]:
        """The pairs, with work, in which is all that the agent can do; not all that is in them can be."""
        by_skill = self._pairs.get(medium, {})
        mine = ("", *member.view.skills)
        for one in mine:
            others = by_skill.get(one)
            if others is None:
                continue
            # Whatever is shorter is walked through.
            for other in mine if len(mine) <= len(others) else [each for each in others if each in mine]:
                for pair in others.get(other, _NONE).values():
                    if pair.first is not None:
                        yield pair


_NONE: Final[dict[float, Pair]] = {}
