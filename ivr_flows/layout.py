"""Places the cards of a drawing in columns, from left to right, so that lines are short and cross little.

A card stands as many columns from the first as it is steps away from it. Columns are ordered by where
their lines come from, and heights settle between neighbours, as near to each other as the order allows.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GAP = 22.0
"""Free height between two cards of a column, in pixels."""
HEAD = 30.0
"""Height of the top of a card, whose middle lines lead to, in pixels."""
_BUSY = 5
_SWEEPS = 10


@dataclass(frozen=True)
class Line:
    """One way from a card to another; ``port`` is its height on the card it leaves, in pixels."""

    source: str
    target: str
    port: float


@dataclass(frozen=True)
class Placed:
    """Where everything goes: the column and the top of each card, and the lines worth drawing.

    ``drawn`` holds indexes of lines, all from one column to the next; the others lead back or far
    away, or to where many lead, and are better named than drawn.
    """

    column: dict[str, int]
    top: dict[str, float]
    drawn: tuple[int, ...]


def place(heights: Mapping[str, float], lines: Sequence[Line], start: str) -> Placed:
    """Lay out cards of the given heights; ``heights`` is in the order of the source."""
    column = _columns(heights, lines, start)
    drawn = _drawn(column, lines)
    links = [lines[index] for index in drawn]
    ranks = _ordered(column, heights, links)
    return Placed(column, _settled(heights, links, ranks), drawn)


def _columns(heights: Mapping[str, float], lines: Sequence[Line], start: str) -> dict[str, int]:
    """Steps from the start; a card that nothing leads to begins a walk of its own."""
    ways: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        ways[line.source].append(line.target)
    column: dict[str, int] = {}
    for root in (start, *heights):
        if root in column:
            continue
        column[root] = 0
        waiting = deque([root])
        while waiting:
            name = waiting.popleft()
            for target in ways[name]:
                if target not in column:
                    column[target] = column[name] + 1
                    waiting.append(target)
    return column


def _drawn(column: Mapping[str, int], lines: Sequence[Line]) -> tuple[int, ...]:
    """The lines from a column to the next; of very many to one card, only the first."""
    arriving: dict[str, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if column[line.target] == column[line.source] + 1:
            arriving[line.target].append(index)
    chosen = (found if len(found) <= _BUSY else found[:1] for found in arriving.values())
    return tuple(sorted(index for found in chosen for index in found))


def _ordered(
    column: Mapping[str, int], heights: Mapping[str, float], links: Sequence[Line]
) -> list[list[str]]:
    """The cards of each column from top to bottom, by the mean place of their neighbours."""
    ranks: list[list[str]] = [[] for _ in range(max(column.values(), default=0) + 1)]
    for name in column:
        ranks[column[name]].append(name)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for rank in ranks if forward else reversed(ranks):
            standing = {name: float(index) for names in ranks for index, name in enumerate(names)}
            pulls: dict[str, list[float]] = defaultdict(list)
            for link in links:
                if forward:
                    lean = link.port / (heights[link.source] + 1)
                    pulls[link.target].append(standing[link.source] + lean)
                else:
                    pulls[link.source].append(standing[link.target])
            wanted = {name: _mean(pulls[name], standing[name]) for name in rank}
            rank.sort(key=wanted.__getitem__)
    return ranks


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _settled(
    heights: Mapping[str, float], links: Sequence[Line], ranks: Sequence[Sequence[str]]
) -> dict[str, float]:
    """The top of each card, as near as the order allows to the other ends of its lines."""
    top: dict[str, float] = {}
    for rank in ranks:
        top.update(_spread(rank, [0.0] * len(rank), heights))
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for rank in ranks if forward else reversed(ranks):
            pulls: dict[str, list[float]] = defaultdict(list)
            for link in links:
                shift = link.port - HEAD / 2
                if forward:
                    pulls[link.target].append(top[link.source] + shift)
                else:
                    pulls[link.source].append(top[link.target] - shift)
            top.update(_spread(rank, [_mean(pulls[name], top[name]) for name in rank], heights))
    least = min(top.values(), default=0.0)
    return {name: height - least for name, height in top.items()}


def _spread(rank: Sequence[str], wanted: Sequence[float], heights: Mapping[str, float]) -> dict[str, float]:
    """The tops nearest to ``wanted`` (least squares) that keep the order and do not overlap.

    With the heights above each card taken off this is isotonic regression, solved exactly by
    pooling neighbours that are out of order.
    """
    above, offsets = 0.0, []
    for name in rank:
        offsets.append(above)
        above += heights[name] + GAP
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            more, size = pools.pop()
            total, count = total + more, count + size
        pools.append((total, count))
    bases = [total / count for total, count in pools for _ in range(count)]
    return {name: base + above for name, base, above in zip(rank, bases, offsets, strict=True)}
