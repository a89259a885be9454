"""How patient customers are, from waits that ended in two ways: some left, others were answered first.

Who was answered after 20 seconds would have waited longer, nobody knows how long (the wait is censored).
Kaplan and Meier ("Nonparametric Estimation from Incomplete Observations", 1958) estimate the distribution
all the same: at each wait after which somebody left, the share who stayed is multiplied by 1 - left / still
waiting.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from random import Random
from typing import Final

import msgspec

NEVER: Final = math.inf


class Patience(msgspec.Struct, frozen=True):
    """A distribution of patience: ``stay[i]`` is the share who wait longer than ``times[i]``, falling.

    Beyond the last time known it goes on exponentially, with so many leaving a second (``rate``) as did over
    all the waits. A ``rate`` of 0: nobody ever left.
    """

    times: tuple[float, ...]
    stay: tuple[float, ...]
    rate: float

    def draw(self, random: Random, more_than: float = 0.0) -> float:
        """The patience of somebody who has waited ``more_than`` seconds already."""
        if not self.rate:
            return NEVER
        place = bisect_right(self.times, more_than)
        still = self.stay[place - 1] if place else 1.0
        wanted = still * (1.0 - random.random())
        # stay falls: the first time at which no more than the wanted share stays
        found = bisect_left(self.stay, -wanted, lo=place, key=lambda share: -share)
        if found < len(self.times):
            return self.times[found]
        last = max(self.times[-1], more_than)
        rest = self.stay[-1] or still
        return last - math.log(wanted / rest) / self.rate if wanted < rest else last


def estimate(waits: Iterable[tuple[float, bool]]) -> Patience:
    """The patience behind some ``waits``: seconds, and whether the customer left (else the wait ended
    otherwise)."""
    ordered = sorted(waits)
    times: list[float] = []
    stay: list[float] = []
    share, waiting, place = 1.0, len(ordered), 0
    while place < len(ordered):
        at, left, gone = ordered[place][0], 0, 0
        while place < len(ordered) and ordered[place][0] == at:
            left += ordered[place][1]
            gone += 1
            place += 1
        if left:
            share *= 1 - left / waiting
            times.append(at)
            stay.append(share)
        waiting -= gone
    leaving, total = sum(left for _, left in ordered), math.fsum(wait for wait, _ in ordered)
    return Patience(tuple(times), tuple(stay), leaving / total if total else 0.0)
