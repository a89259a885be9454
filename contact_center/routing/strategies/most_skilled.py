"""``most_skilled``: who is best at what the work asks for."""

from __future__ import annotations

from typing import ClassVar

from contact_center.routing.pool import Member, Pool
from contact_center.routing.strategies.base import Ranking, Wanted


class MostSkilled(Ranking):
    """Score: the sum of the agent's levels over all skills that queue and work require or prefer."""

    name: ClassVar[str] = "most_skilled"

    def score(self, member: Member, wanted: Wanted, pool: Pool, now: float) -> float:
        """The sum of the levels."""
        return float(sum(max(0, member.view.skills.get(name, 0)) for name, _ in wanted.skills))

    def best(self, among: int, wanted: Wanted, pool: Pool) -> int:
        """The highest sum."""
        return pool.sums(wanted.skills).highest(among)
