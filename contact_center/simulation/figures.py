"""Figures of simulated runs: what a tally says, the mean of several runs, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, stdev
from typing import Any, Final, TypeVar

import msgspec

from contact_center.simulation.tally import GroupTally, IntervalTally, QueueTally, Tally

R = TypeVar("R", bound=msgspec.Struct)
Number = float | None
Fold = Callable[[list[float]], Number]

_T95: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


class QueueFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue did; contacts count where they began to wait. Shares are of all that ``came``.

    ``service_level``: answered within the queue's target seconds. ``unserved``: waiting still at the end.
    ``asa`` and percentiles: waits of the answered, seconds; ``longest``: of the answered and the abandoned.
    ``left_after``: mean wait of those who abandoned. Offers that were ``declined``, ``expired`` (not
    answered) or ``revoked`` (the customer left meanwhile).
    """

    came: Number = None
    answered: Number = None
    abandoned: Number = None
    unserved: Number = None
    service_level: Number = None
    abandonment: Number = None
    asa: Number = None
    p50: Number = None
    p80: Number = None
    p90: Number = None
    p95: Number = None
    p99: Number = None
    longest: Number = None
    left_after: Number = None
    offers: Number = None
    declined: Number = None
    expired: Number = None
    revoked: Number = None
    moved: Number = None
    transferred: Number = None


class GroupFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How a group of agents did. Hours at work (without breaks), busy of those, and not responding;
    ``occupancy``: busy by
    at work."""

    agents: Number = None
    duty_hours: Number = None
    busy_hours: Number = None
    away_hours: Number = None
    occupancy: Number = None
    handled: Number = None


class IntervalFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One interval, by when contacts began to wait. ``on_duty``, ``busy``: agents on average."""

    start: float
    came: Number = None
    abandoned: Number = None
    service_level: Number = None
    p50: Number = None
    p90: Number = None
    on_duty: Number = None
    busy: Number = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of a run, or of several, or the difference of two. ``moves``: contacts by "from > to"."""

    overall: QueueFigures
    queues: dict[str, QueueFigures]
    groups: dict[str, GroupFigures]
    moves: dict[str, Number]
    intervals: tuple[IntervalFigures, ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The mean of ``runs``, and by how much it may be off: half the width of the 95 % interval; None for one
    run."""

    runs: int
    mean: Report
    margin: Report | None


# --- one run --------------------------------------------------------------------------------------


def report_of(tally: Tally) -> Report:
    """The figures of one run."""
    agents: dict[str, int] = {}
    for worker in tally.plan.workers:
        agents[worker.group] = agents.get(worker.group, 0) + 1
    return Report(
        overall=_queue(list(tally.queues.values())),
        queues={name: _queue([queue]) for name, queue in tally.queues.items()},
        groups={name: _group(group, agents[name]) for name, group in tally.groups.items()},
        moves={f"{source} > {to}": float(count) for (source, to), count in tally.moves.items()},
        intervals=tuple(
            _interval(interval, number * tally.width, tally.width)
            for number, interval in enumerate(tally.intervals)
        ),
    )


def _queue(tallies: Sequence[QueueTally]) -> QueueFigures:
    waits = sorted(wait for tally in tallies for wait in tally.waits)
    left = [wait for tally in tallies for wait in tally.left]
    came = sum(tally.came for tally in tallies)
    longest = max([*waits[-1:], *left], default=None)
    steps = {
        name: float(sum(tally.steps[name] for tally in tallies))
        for name in ("offers", "declined", "expired", "revoked", "moved", "transferred")
    }
    return QueueFigures(
        came=came,
        answered=len(waits),
        abandoned=len(left),
        unserved=sum(tally.unserved for tally in tallies),
        service_level=_ratio(sum(tally.in_target for tally in tallies), came),
        abandonment=_ratio(len(left), came),
        asa=fmean(waits) if waits else None,
        p50=percentile(waits, 0.5),
        p80=percentile(waits, 0.8),
        p90=percentile(waits, 0.9),
        p95=percentile(waits, 0.95),
        p99=percentile(waits, 0.99),
        longest=longest,
        left_after=fmean(left) if left else None,
        **steps,
    )


def _group(group: GroupTally, agents: int) -> GroupFigures:
    return GroupFigures(
        agents=agents,
        duty_hours=group.duty / 3600,
        busy_hours=group.busy / 3600,
        away_hours=group.away / 3600,
        occupancy=_ratio(group.busy, group.duty),
        handled=group.handled,
    )


def _interval(interval: IntervalTally, start: float, width: float) -> IntervalFigures:
    waits = sorted(interval.waits)
    return IntervalFigures(
        start=start,
        came=interval.came,
        abandoned=interval.left,
        service_level=_ratio(interval.in_target, interval.came),
        p50=percentile(waits, 0.5),
        p90=percentile(waits, 0.9),
        on_duty=interval.duty / width,
        busy=interval.busy / width,
    )


def percentile(values: Sequence[float], share: float) -> Number:
    """The smallest of the sorted ``values`` that ``share`` of them do not exceed; None where there are
    none."""
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else None


def _ratio(part: float, whole: float) -> Number:
    return part / whole if whole else None


# --- several runs ---------------------------------------------------------------------------------


def summarise(reports: Sequence[Report]) -> Summary:
    """The mean of some runs with its margin."""
    margin = _fold(reports, _margin) if len(reports) > 1 else None
    return Summary(runs=len(reports), mean=_fold(reports, _mean), margin=margin)


def differences(before: Sequence[Report], after: Sequence[Report]) -> Summary:
    """By how much ``after`` differs, run by run: both met the same contacts, so what chance did to both
    cancels."""
    return summarise([_fold(pair, _difference) for pair in zip(before, after, strict=True)])


def _mean(values: list[float]) -> Number:
    return fmean(values) if values else None


def _margin(values: list[float]) -> Number:
    """Half of the 95 % confidence interval of the mean, by Student's t."""
    number = len(values)
    if number < 2:
        return None
    return student(number - 1) * stdev(values) / math.sqrt(number)


def student(freedom: int) -> float:
    """Student's t for 95 %, by degrees of freedom from 1 on."""
    return _T95[freedom - 1] if freedom <= len(_T95) else 1.96


def _difference(values: list[float]) -> Number:
    return values[1] - values[0] if len(values) == 2 else None


def _fold(reports: Sequence[Report], fold: Fold) -> Report:
    """One report whose every figure is folded from those of ``reports``."""
    first = reports[0]
    pairs = dict.fromkeys(pair for report in reports for pair in report.moves)
    return Report(
        overall=_fold_rows([report.overall for report in reports], fold),
        queues={name: _fold_rows([report.queues[name] for report in reports], fold) for name in first.queues},
        groups={name: _fold_rows([report.groups[name] for report in reports], fold) for name in first.groups},
        moves={pair: fold([report.moves.get(pair) or 0.0 for report in reports]) for pair in pairs},
        intervals=tuple(
            _fold_rows([report.intervals[number] for report in reports], fold, keep=("start",))
            for number in range(len(first.intervals))
        ),
    )


def _fold_rows(rows: Iterable[R], fold: Fold, keep: tuple[str, ...] = ()) -> R:
    known = list(rows)
    kind = type(known[0])
    values: dict[str, Any] = {}
    for field in kind.__struct_fields__:
        found = [getattr(row, field) for row in known]
        values[field] = found[0] if field in keep else fold([one for one in found if one is not None])
    return kind(**values)
