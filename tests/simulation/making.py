"""Plans for tests: a few contacts and agents at times that can be followed by hand."""

from __future__ import annotations

from random import Random

from contact_center.agent import AVAILABLE
from contact_center.routing.model import QueuePolicy
from contact_center.simulation.plan import Arrival, Manners, Plan, Worker

BEGIN = 1_772_438_400.0  # 2026-03-02T08:00Z
AT_ONCE = QueuePolicy(auto_accept=True)


def worker(name: str, *presences: tuple[float, str], group: str = "all", **fields: object) -> Worker:
    """An agent on duty from the begin on, or as ``presences`` (seconds after it) say."""
    roster = tuple((BEGIN + at, presence) for at, presence in presences) or ((BEGIN, AVAILABLE),)
    return Worker(id=name, group=group, presences=roster, **fields)  # type: ignore[arg-type]


def call(at: float, handling: float = 60.0, queue: str = "q", **fields: object) -> Arrival:
    """A call ``at`` seconds after the begin."""
    return Arrival(at=BEGIN + at, queue=queue, handling=handling, **fields)  # type: ignore[arg-type]


def plan(
    arrivals: list[Arrival],
    workers: list[Worker],
    policies: dict[str, QueuePolicy] | None = None,
    *,
    end: float = 3600.0,
    warm_up: float = 0.0,
) -> Plan:
    """A plan; without ``policies`` there is one queue ``q`` that answers at once."""
    known = policies or {"q": AT_ONCE}
    return Plan(
        title="test",
        begin=BEGIN,
        measured_from=BEGIN + warm_up,
        end=BEGIN + end,
        policies=known,
        titles={name: name for name in known},
        workers=tuple(workers),
        arrivals=lambda: iter(arrivals),
        streams=lambda name: Random(name),
    )


MISSES = Manners(missed=1.0)
DECLINES = Manners(declined=1.0)


def known(value: float | None) -> float:
    """A figure that must not be unknown."""
    assert value is not None
    return value
