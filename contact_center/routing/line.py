"""A line of work, always in order: who is first, who stands where, and in and out at any place.

A sorted list in pieces: entering, leaving and finding a place cost about the same with ten and with a
hundred thousand in line. Nothing is marked as deleted and left lying about.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Final

Place = tuple[float, float, str]
"""Where work stands: minus its points, its `queued_at`, its id. The least is first."""

MOST: Final = 1024
"""Longest piece."""


class Line:
    """Places in ascending order. ``first``: the first of them, None while the line is empty."""

    __slots__ = ("_lasts", "_pieces", "_size", "first")

    def __init__(self) -> None:
        self.first: Place | None = None
        self._pieces: list[list[Place]] = []
        self._lasts: list[Place] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Place]:
        for piece in self._pieces:
            yield from piece

    def add(self, place: Place) -> None:
        """Let ``place`` into the line."""
        self._size += 1
        if self.first is None:
            self.first = place
            self._pieces.append([place])
            self._lasts.append(place)
            return
        if place < self.first:
            self.first = place
        number = min(bisect_left(self._lasts, place), len(self._pieces) - 1)
        piece = self._pieces[number]
        insort(piece, place)
        if len(piece) > MOST:
            self._pieces[number : number + 1] = [piece[: MOST // 2], piece[MOST // 2 :]]
            self._lasts.insert(number, piece[MOST // 2 - 1])
            number += 1
        self._lasts[number] = self._pieces[number][-1]

    def remove(self, place: Place) -> None:
        """Take ``place`` out; it must be in the line."""
        number = bisect_left(self._lasts, place)
        piece = self._pieces[number]
        at = bisect_left(piece, place)
        if piece[at] != place:
            raise KeyError(place[2])
        del piece[at]
        self._size -= 1
        if piece:
            self._lasts[number] = piece[-1]
        else:
            del self._pieces[number]
            del self._lasts[number]
        if place == self.first:
            self.first = self._pieces[0][0] if self._pieces else None

    def rank(self, place: Place) -> int:
        """How many stand before ``place``."""
        number = bisect_left(self._lasts, place)
        before = sum(map(len, self._pieces[:number]))
        return before + (bisect_left(self._pieces[number], place) if number < len(self._pieces) else 0)

    def at(self, rank: int) -> Place:
        """Who has so many before them; IndexError when the line is shorter."""
        for piece in self._pieces:
            if rank < len(piece):
                return piece[rank]
            rank -= len(piece)
        raise IndexError(rank)
