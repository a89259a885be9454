"""What still fits into an agent's capacity, remembered for each load: `contact_center.agent.fits` without its
cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from contact_center.agent import MEDIUM, fits
from contact_center.routing.model import Capacity

KIND_OF: Final = {medium: kind for kind, medium in MEDIUM.items()}
"""A kind of work that takes each medium."""


class Left(NamedTuple):
    """``free``: media of which one more piece fits; ``used``: the share of the capacity in use, 0 to 1."""

    free: frozenset[str]
    used: float


class Room:
    """One capacity, shared by all agents who have it. ``able``: the media that it has any place for."""

    __slots__ = ("_left", "able", "capacity")

    def __init__(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self._left: dict[tuple[tuple[str, int], ...], Left] = {}
        self.able = self.left({}).free

    def left(self, load: Mapping[str, int]) -> Left:
        """What is left beside ``load``."""
        key = tuple(sorted(load.items()))
        known = self._left.get(key)
        if known is None:
            free = frozenset(medium for medium, kind in KIND_OF.items() if fits(self.capacity, load, kind))
            known = self._left[key] = Left(free, share_used(self.capacity, load))
        return known


def share_used(capacity: Capacity, load: Mapping[str, int]) -> float:
    """Pieces held by pieces allowed, in the roomiest alternative that holds them all; 1 if none does."""
    held = sum(load.values())
    shares = [
        held / sum(most.values())
        for most in capacity
        if sum(most.values()) and all(most.get(name, 0) >= number for name, number in load.items())
    ]
    return min(shares, default=1.0)
