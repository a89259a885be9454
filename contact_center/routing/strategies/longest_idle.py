"""``longest_idle``: who has been free of all work the longest."""

from __future__ import annotations

from typing import ClassVar

from contact_center.routing.pool import Member, Pool
from contact_center.routing.strategies.base import Ranking, Wanted


class LongestIdle(Ranking):
    """Who holds nothing comes before who holds something, and who holds less before who holds more.

    Score: seconds since `idle_since`; for an agent who holds work minus the pieces held.
    """

    name: ClassVar[str] = "longest_idle"

    def score(self, member: Member, wanted: Wanted, pool: Pool, now: float) -> float:
        """Seconds idle, or minus what is held."""
        return float(-member.held) if member.held else max(0.0, now - member.view.idle_since)

    def best(self, among: int, wanted: Wanted, pool: Pool) -> int:
        """Who holds least; the rest is the order of all ties."""
        return pool.held.lowest(among)
