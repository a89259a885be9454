"""What a strategy is: one that ranks all agents, or one that prefers certain ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from contact_center.routing.model import AgentView, Item
from contact_center.routing.needs import SkillSet
from contact_center.routing.pool import Member, Pool


class Wanted(NamedTuple):
    """What a ranking may know of the work. ``skills``: all that queue and work require or prefer, each with
    weight 1."""

    queue: str
    skills: SkillSet


class Ranking:
    """Ranks all agents who could take the work. Ties go to who holds least, then to the longest idle, then by
    id.

    Preferred skills come first under every ranking: agents are compared by their points for these, and
    only agents with as many points by their rank.
    """

    name: ClassVar[str]

    def score(self, member: Member, wanted: Wanted, pool: Pool, now: float) -> float:
        """The agent's score, higher is better; what a decision is explained with."""
        raise NotImplementedError

    def best(self, among: int, wanted: Wanted, pool: Pool) -> int:
        """Those of ``among`` with the highest score, found without looking at each."""
        raise NotImplementedError


Find = Callable[[str], AgentView | None]


class Preferring:
    """Names agents who shall have this work before all others.

    Required skills and the language hold for them too: work is not given to somebody who cannot do it.
    """

    name: ClassVar[str]

    def agents(self, item: Item, find: Find) -> list[str]:
        """Agents on duty, the most wanted first. Whoever the answer depends upon is looked up with
        ``find``."""
        raise NotImplementedError
