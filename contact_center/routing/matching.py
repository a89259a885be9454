"""Which work goes to whom: the most urgent work that anybody can take goes to the best of these, and so on.

What a round begins with is where something has changed: work that has come, and agents who have become free.
Between all other work and agents the last decision has left nothing to do.
"""

from __future__ import annotations

import heapq
from typing import Final

from contact_center.routing.groups import Group
from contact_center.routing.heads import Heads, Pair
from contact_center.routing.line import Line, Place
from contact_center.routing.lines import Kept, Lines
from contact_center.routing.pool import Member
from contact_center.routing.waiting import Waiting

Head = tuple[Waiting, int]
"""Work, and who can take it."""

Source = Waiting | Pair | Heads | Kept
"""Where the next work may come from: a piece of work that has come or that time has changed something for,
the heads of groups that ask for something which an agent who is free has, what is kept for an agent who is
free."""

Entry = tuple[float, Place, int, Source]
"""Minus the urgency now, then the place: across queues the more urgent is first, within one the order of the
line."""

FEW: Final = 3
"""So many agents are asked one by one; of more, the sets of all are asked."""


class Round:
    """One round of matching, with a heap of sources for each medium."""

    def __init__(self, lines: Lines, freed: list[Member]) -> None:
        self._lines = lines
        self._all = freed
        self._few = freed if len(freed) <= FEW else []
        self._heaps: dict[str, list[Entry]] = {}
        self._freed: dict[str, int] = {}
        self._ones: dict[str, int] = {}
        self._count = 0
        self._add_fresh()
        self._add_lines_of(freed)
        for heap in self._heaps.values():
            heapq.heapify(heap)

    def _add_fresh(self) -> None:
        lines = self._lines
        for item_id in lines.fresh:
            work = lines.works[item_id]
            if lines.takers(work, lines.now):
                self._push(work.medium, work.place, work.queue.per_second, work)
                self._ones[work.medium] = self._ones.get(work.medium, 0) + 1

    def _add_lines_of(self, freed: list[Member]) -> None:
        lines = self._lines
        seen: set[Source] = set()
        for member in freed:
            for medium in sorted(member.free):
                self._freed[medium] = self._freed.get(medium, 0) | member.bit
                sources: list[Pair | Kept] = [*lines.kept.get((member.view.id, medium), {}).values()]
                sources += lines.groups.heads.pairs_for(member, medium)
                for source in sources:
                    if source.first is not None and source not in seen:
                        seen.add(source)
                        self._push(medium, source.first, source.per_second, source)

    def _push(self, medium: str, place: Place, per_second: float, source: Source) -> None:
        """``place`` is as good as the source can offer, or better."""
        self._count += 1
        urgency = place[0] - per_second * self._lines.now
        self._heaps.setdefault(medium, []).append((urgency, place, self._count, source))

    def next(self) -> Head | None:
        """The most urgent work that somebody can take, and who can."""
        while self._heaps:
            medium = min(self._heaps, key=lambda name: self._heaps[name][0][:2])
            heap = self._heaps[medium]
            if not self._ones.get(medium) and not self._freed.get(medium, 0) & self._lines.pool.free[medium]:
                del self._heaps[medium]
                continue
            _, place, count, source = heap[0]
            if isinstance(source, Pair):
                self._open(heap, source)
                head = None
            else:
                head = self._head(source)
                if head is not None and head[0].place == place:
                    return head
                self._put_back(heap, count, source, head)
            if head is None and isinstance(source, Waiting):
                self._ones[medium] -= 1
            if not heap:
                del self._heaps[medium]
        return None

    def _open(self, heap: list[Entry], pair: Pair) -> None:
        """The pair is at the top: put its lines in its place."""
        heapq.heappop(heap)
        for heads in pair.lines_for(self._all):
            assert heads.first is not None
            self._count += 1
            urgency = heads.first[0] - heads.per_second * self._lines.now
            heapq.heappush(heap, (urgency, heads.first, self._count, heads))

    def _put_back(self, heap: list[Entry], count: int, source: Source, head: Head | None) -> None:
        """The source at the top has something less urgent than was thought, or nothing."""
        if head is None:
            heapq.heappop(heap)
        else:
            work = head[0]
            urgency = work.place[0] - work.queue.per_second * self._lines.now
            heapq.heapreplace(heap, (urgency, work.place, count, source))

    def _head(self, source: Waiting | Heads | Kept) -> Head | None:
        """The first work of a source that somebody can take."""
        lines = self._lines
        if isinstance(source, Heads):
            return self._first_of_groups(source)
        if isinstance(source, Kept):
            if source.first is None:
                return None
            source = lines.works[source.first[2]]
        takers = lines.takers(source, lines.now)
        return (source, takers) if takers else None

    def _first_of_groups(self, heads: Heads) -> Head | None:
        lines = self._lines
        best: Head | None = None
        for place in heads:
            if best is not None and place > best[0].place:
                break
            group = lines.works[place[2]].group
            assert group is not None
            if self._concerns(group):
                found = self._first_of(group.line)
                if found is not None and (best is None or found[0].place < best[0].place):
                    best = found
        return best

    def _first_of(self, line: Line) -> Head | None:
        # Who stands before has been passed by all who are free: as many as these agents have declined lately.
        lines = self._lines
        for place in line:
            work = lines.works[place[2]]
            takers = lines.takers(work, lines.now)
            if takers:
                return work, takers
        return None

    def _concerns(self, group: Group) -> bool:
        """Whether one of those who are free can do the group's work."""
        for member in self._few:
            if group.medium in member.free and group.admits(member.view):
                return True
        if self._few:
            return False
        pool = self._lines.pool
        return bool(group.bits(pool) & pool.free.get(group.medium, 0))
