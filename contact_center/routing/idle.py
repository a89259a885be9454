"""Agents in the order in which they became idle, with a set for each piece of the order.

Whoever looks for the longest idle among some agents passes over whole pieces that hold none of them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Final

Idle = tuple[float, str, int]
"""`idle_since`, the agent's id, the agent's bit."""

MOST: Final = 128
"""Longest piece."""


class IdleOrder:
    """All agents, the longest idle first; ties by id."""

    __slots__ = ("_lasts", "_pieces", "_sets")

    def __init__(self) -> None:
        self._pieces: list[list[Idle]] = []
        self._sets: list[int] = []
        self._lasts: list[Idle] = []

    def add(self, idle: Idle) -> None:
        """An agent who is not in the order yet."""
        if not self._pieces:
            self._pieces, self._sets, self._lasts = [[idle]], [idle[2]], [idle]
            return
        number = min(bisect_left(self._lasts, idle), len(self._pieces) - 1)
        piece = self._pieces[number]
        insort(piece, idle)
        self._sets[number] |= idle[2]
        self._lasts[number] = piece[-1]
        if len(piece) > MOST:
            # Who becomes idle comes last: leave the first of the two full and the second room to grow.
            cut = MOST if piece[-1] is idle else MOST // 2
            halves = [piece[:cut], piece[cut:]]
            self._pieces[number : number + 1] = halves
            self._sets[number : number + 1] = [_united(half) for half in halves]
            self._lasts[number : number + 1] = [half[-1] for half in halves]

    def remove(self, idle: Idle) -> None:
        """An agent who is in the order with just these values."""
        number = bisect_left(self._lasts, idle)
        piece = self._pieces[number]
        at = bisect_left(piece, idle)
        if at == len(piece) or piece[at] != idle:
            raise KeyError(idle[1])
        del piece[at]
        self._sets[number] ^= idle[2]
        if piece:
            self._lasts[number] = piece[-1]
            self._join(number)
        else:
            del self._pieces[number], self._sets[number], self._lasts[number]

    def _join(self, number: int) -> None:
        """Two neighbours that have become short are one again, so that there are never many short pieces."""
        after = number + 1
        if after == len(self._pieces) or len(self._pieces[number]) + len(self._pieces[after]) > MOST // 2:
            return
        self._pieces[number] += self._pieces.pop(after)
        self._sets[number] |= self._sets.pop(after)
        self._lasts[number] = self._lasts.pop(after)

    def longest(self, among: int, count: int) -> list[int]:
        """The bits of at most ``count`` of ``among``, the longest idle first."""
        found: list[int] = []
        for number, members in enumerate(self._sets):
            here = members & among
            if not here:
                continue
            for _, _, bit in self._pieces[number]:
                if bit & here:
                    found.append(bit)
                    if len(found) == count:
                        return found
        return found


def _united(piece: list[Idle]) -> int:
    bits = 0
    for _, _, bit in piece:
        bits |= bit
    return bits
