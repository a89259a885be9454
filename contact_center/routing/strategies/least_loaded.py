"""``least_loaded``: who has the largest part of their capacity free."""

from __future__ import annotations

from typing import ClassVar

from contact_center.routing.pool import Member, Pool
from contact_center.routing.strategies.base import Ranking, Wanted


class LeastLoaded(Ranking):
    """Score: the part of the capacity that is free, 0 to 1; see `contact_center.routing.room.share_used`."""

    name: ClassVar[str] = "least_loaded"

    def score(self, member: Member, wanted: Wanted, pool: Pool, now: float) -> float:
        """The free part."""
        return 1.0 - member.used

    def best(self, among: int, wanted: Wanted, pool: Pool) -> int:
        """The smallest part in use."""
        return pool.used.lowest(among)
