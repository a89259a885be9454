"""Runs plans: several times with other streams, and under a changed policy with the same contacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from contact_center.routing.model import QueuePolicy
from contact_center.simulation.engine import simulate
from contact_center.simulation.figures import Report, Summary, differences, report_of, summarise
from contact_center.simulation.plan import Plan

MOST_RUNS: Final = 1_000

PlanOfRun = Callable[[int], Plan]
"""The plan of run 0, 1, 2, ...: the same scenario, each time with other random streams."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario as simulated. ``begin``: on the wall clock there, as seconds since the epoch. ``changed``
    and ``difference``: under the changed policy, where there was one.
    ``recorded``: what really happened, of recorded days."""

    title: str
    begin: float
    titles: Mapping[str, str]
    policies: Mapping[str, QueuePolicy]
    present: Summary
    changed: Summary | None = None
    difference: Summary | None = None
    recorded: Report | None = None


def run(plans: PlanOfRun, runs: int = 1, changed: Mapping[str, QueuePolicy] | None = None) -> Result:
    """Simulate ``runs`` of a scenario, and each once more under the ``changed`` policies."""
    before: list[Report] = []
    after: list[Report] = []
    for number in range(runs):
        plan = plans(number)
        before.append(report_of(simulate(plan)))
        if changed is not None:
            after.append(report_of(simulate(msgspec.structs.replace(plan, policies=changed))))
    return Result(
        title=plan.title,
        begin=plan.begin,
        titles=plan.titles,
        policies=plan.policies,
        present=summarise(before),
        changed=summarise(after) if after else None,
        difference=differences(before, after) if after else None,
    )
