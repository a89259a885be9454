"""Counts what happens in a simulation while it runs; `contact_center.simulation.figures` makes figures of
it."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import Final

from contact_center import agent as agents
from contact_center.simulation.case import Case, Desk
from contact_center.simulation.plan import Plan

MOST_INTERVALS: Final = 200
_WIDTHS: Final = (900.0, 1800.0, 3600.0, 7200.0, 14400.0, 86400.0)


def interval_width(seconds: float) -> float:
    """How long the intervals of a picture are: a quarter of an hour, more where that would be too many."""
    return next((width for width in _WIDTHS if seconds / width <= MOST_INTERVALS), seconds / MOST_INTERVALS)


class QueueTally:
    """One queue's counts. A contact counts where it began to wait, wherever it was answered.

    ``waits``: of the answered; ``left``: of those who abandoned; both in seconds.
    """

    __slots__ = ("came", "in_target", "left", "steps", "target_seconds", "unserved", "waits")

    def __init__(self, target_seconds: float) -> None:
        self.target_seconds = target_seconds
        self.came = self.in_target = self.unserved = 0
        self.waits = array("d")
        self.left = array("d")
        self.steps: Counter[str] = Counter()


class GroupTally:
    """One group's seconds: ``duty`` at work and not on break, ``busy`` of those with work in hand."""

    __slots__ = ("away", "busy", "duty", "handled")

    def __init__(self) -> None:
        self.duty = self.busy = self.away = 0.0
        self.handled = 0


class IntervalTally:
    """One interval of the day, by the time at which contacts began to wait."""

    __slots__ = ("busy", "came", "duty", "in_target", "left", "waits")

    def __init__(self) -> None:
        self.came = self.in_target = self.left = 0
        self.duty = self.busy = 0.0
        self.waits = array("d")


class Tally:
    """All counts of one run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.queues = {name: QueueTally(policy.target_seconds) for name, policy in plan.policies.items()}
        self.groups = {worker.group: GroupTally() for worker in plan.workers}
        self.width = interval_width(plan.end - plan.begin)
        number = max(1, int(-(-(plan.end - plan.begin) // self.width)))
        self.intervals = [IntervalTally() for _ in range(number)]
        self.moves: Counter[tuple[str, str]] = Counter()

    def measured(self, case: Case) -> bool:
        """Whether the contact counts: it began to wait after the warm-up."""
        return self.plan.measured_from <= case.in_line_since <= self.plan.end

    def _interval(self, case: Case) -> IntervalTally:
        place = int((case.in_line_since - self.plan.begin) // self.width)
        return self.intervals[min(place, len(self.intervals) - 1)]

    def came(self, case: Case) -> None:
        """It begins to wait in its queue."""
        if self.measured(case):
            self.queues[case.entered_queue].came += 1
            self._interval(case).came += 1

    def answered(self, case: Case, now: float) -> None:
        """An agent answers."""
        if self.measured(case):
            queue, interval = self.queues[case.entered_queue], self._interval(case)
            wait = now - case.in_line_since
            queue.waits.append(wait)
            interval.waits.append(wait)
            if wait <= queue.target_seconds:
                queue.in_target += 1
                interval.in_target += 1

    def abandoned(self, case: Case, now: float) -> None:
        """Its patience is over."""
        if self.measured(case):
            self.queues[case.entered_queue].left.append(now - case.in_line_since)
            self._interval(case).left += 1

    def unserved(self, case: Case) -> None:
        """It still waits when nothing happens any more."""
        if self.measured(case):
            self.queues[case.entered_queue].unserved += 1

    def step(self, case: Case, name: str) -> None:
        """One of: offers, declined, expired, revoked, moved, transferred."""
        if self.measured(case):
            self.queues[case.entered_queue].steps[name] += 1

    def moved(self, case: Case, to: str) -> None:
        """The router moved it."""
        self.step(case, "moved")
        if self.measured(case):
            self.moves[case.work.queue, to] += 1

    def worked(self, desk: Desk, now: float) -> None:
        """The desk has been as it is since `Desk.since`; called before each change."""
        plan = self.plan
        since, until = desk.since, min(now, plan.end)
        desk.since = now
        state = desk.state
        held = bool(state.holding)
        if until <= since or not (held or state.presence in (agents.AVAILABLE, agents.NOT_RESPONDING)):
            return
        group = self.groups[desk.worker.group]
        counted = until - max(since, plan.measured_from)
        present = held or state.presence == agents.AVAILABLE
        if counted > 0:
            if not present:
                group.away += counted
            else:
                group.duty += counted
                group.busy += counted if held else 0.0
        if present:
            self._spread(since, until, held)

    def _spread(self, since: float, until: float, held: bool) -> None:
        """Put seconds of duty into the intervals that they touch."""
        first, width, intervals = self.plan.begin, self.width, self.intervals
        place = int((since - first) // width)
        last = min(int((until - first) // width), len(intervals) - 1)
        while place <= last:
            interval = intervals[place]
            start = first + place * width
            part = min(until, start + width) - max(since, start)
            interval.duty += part
            if held:
                interval.busy += part
            place += 1

    def handled(self, desk: Desk, case: Case) -> None:
        """The agent is done with a contact, or has given it on."""
        if self.measured(case):
            self.groups[desk.worker.group].handled += 1
