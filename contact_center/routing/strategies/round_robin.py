"""``round_robin``: in turn, with the missed turns made up."""

from __future__ import annotations

from typing import ClassVar

from contact_center.routing.pool import Member, Pool
from contact_center.routing.strategies.base import Ranking, Wanted


class RoundRobin(Ranking):
    """Who has taken the fewest turns in this queue is next; whoever missed turns lags behind and gets them
    back, as far as `contact_center.routing.turns.MAKE_UP` allows.

    Score: minus the turns taken.
    """

    name: ClassVar[str] = "round_robin"

    def score(self, member: Member, wanted: Wanted, pool: Pool, now: float) -> float:
        """Minus the turns."""
        return 0.0 - pool.turns[wanted.queue].counts.value(member.slot)

    def best(self, among: int, wanted: Wanted, pool: Pool) -> int:
        """The fewest turns."""
        return pool.turns[wanted.queue].counts.lowest(among)
