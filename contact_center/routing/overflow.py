"""Work that moves to another queue because it has waited too long, or because too many stand before it."""

from __future__ import annotations

from contact_center.routing.groups import Group
from contact_center.routing.lines import Lines
from contact_center.routing.model import Move, Overflow
from contact_center.routing.waiting import Waiting


class Overflowing:
    """Finds what has to move. Work that is held up because nobody works in the other queue is looked at again
    when somebody who could serve it there comes on duty."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._blocked: dict[Group, dict[str, None]] = {}
        self._staffed: dict[str, None] = {}

    def agent_changed(self, agent_id: str) -> None:
        """An agent has come on duty, or can do other work than before."""
        self._staffed[agent_id] = None

    def moves(self, now: float) -> list[tuple[Waiting, Move]]:
        """All moves as things stand now; none is carried out yet."""
        self._unblock()
        lines = self._lines
        found = []
        works = [lines.works[item_id] for item_id in lines.crowded if item_id in lines.works]
        lines.crowded.clear()
        for work in sorted(works, key=lambda each: (each.queue.name, each.place)):
            self.forget(work)
            if work.in_line and not work.item.wanted:
                move = self._move(work, now)
                if move is not None:
                    found.append((work, move))
        return found

    def _move(self, work: Waiting, now: float) -> Move | None:
        for rule in work.queue.policy.overflow:
            if now >= work.item.entered_at + rule.after and self._is_full(work, rule):
                if rule.only_if_staffed and not self._staffed_there(work, rule, now):
                    continue
                reason = "waited" if rule.longer_than is None else "full"
                return Move(work.item.id, rule.to, reason)
        return None

    @staticmethod
    def _is_full(work: Waiting, rule: Overflow) -> bool:
        return rule.longer_than is None or work.queue.line.rank(work.place) > rule.longer_than

    def _staffed_there(self, work: Waiting, rule: Overflow, now: float) -> bool:
        """Whether somebody on duty, busy or not, could do it in the other queue."""
        lines = self._lines
        queue = lines.queue(rule.to)
        group = lines.groups.of(queue, work.item, queue.ring(now, now), work.medium, lines.pool)
        if group.bits(lines.pool) & lines.pool.able.get(work.medium, 0):
            return True
        self._blocked.setdefault(group, {})[work.item.id] = None
        work.blocked.append(group)
        return False

    def forget(self, work: Waiting) -> None:
        """The work is no longer held up."""
        for group in work.blocked:
            waiting = self._blocked.get(group)
            if waiting is not None:
                waiting.pop(work.item.id, None)
                if not waiting:
                    del self._blocked[group]
        work.blocked = []

    def _unblock(self) -> None:
        staffed, self._staffed = self._staffed, {}
        if not self._blocked:
            return
        for agent_id in staffed:
            member = self._lines.pool.members.get(agent_id)
            if member is None:
                continue
            for group in [g for g in self._blocked if g.medium in member.able and g.admits(member.view)]:
                self._lines.crowded.update(self._blocked.pop(group))
