"""Erlang's formulas: what becomes of calls that come at random to a group of agents.

Calls come as a Poisson stream to ``agents`` people who serve in the order of arrival, each call taking an
exponential time. Erlang B: who finds nobody free is lost. Erlang C: everybody waits as long as it takes.
Erlang A: everybody has a patience, exponential too, and leaves when it is over. All in seconds.

Sources: G. Koole, "Call Center Optimization" (2013), for B and C; O. Garnett, A. Mandelbaum and M. Reiman,
"Designing a Call Center with Impatient Customers" (2002), for A; S. Zeltyn and A. Mandelbaum, "Call Centers
with Impatient Customers: Many-Server Asymptotics of the M/M/n+G Queue" (2005), for the density of the wait.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec

_NEGLIGIBLE: Final = 1e-15
_NOBODY: Final = 1e-290
_STEPS: Final = 400
_MOST_STEPS: Final = 50_000
_CROWD: Final = 1_000_000


class Demand(msgspec.Struct, frozen=True):
    """What comes to a queue: ``per_second`` calls, each taking ``handling`` seconds (wrap-up included).

    ``patience``: mean seconds after which a waiting customer leaves; None = never.
    """

    per_second: float
    handling: float
    patience: float | None = None

    @property
    def load(self) -> float:
        """Offered load in erlangs: how many agents the calls keep busy on average."""
        return self.per_second * self.handling


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """How a group of ``agents`` does.

    ``service_level``: share of all calls answered within the target's seconds. ``waits``: share that finds
    nobody free (Pw). ``asa``: mean wait of those who are answered, seconds; None where the line grows
    without end. ``occupancy``: share of their time that agents are busy. ``abandonment``: share of calls
    that leave unanswered.
    """

    agents: int
    service_level: float
    waits: float
    asa: float | None
    occupancy: float
    abandonment: float = 0.0


def erlang_b(agents: int, load: float) -> float:
    """Share of calls that find all ``agents`` busy and are lost (Koole, 4.1); by recursion, so never
    overflows."""
    if load == 0:
        return 0.0
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(agents: int, demand: Demand, seconds: float) -> Figures:
    """The figures where everybody waits (Koole, 4.2-4.3); ``seconds`` of the service level.

    With no more agents than the load in erlangs the line grows without end: everybody waits for ever.
    """
    load = demand.load
    if load == 0:
        return Figures(agents=agents, service_level=1.0, waits=0.0, asa=0.0, occupancy=0.0)
    if agents <= load:
        return Figures(agents=agents, service_level=0.0, waits=1.0, asa=None, occupancy=1.0)
    blocked = erlang_b(agents, load)
    waits = agents * blocked / (agents - load * (1 - blocked))
    drain = (agents - load) / demand.handling
    return Figures(
        agents=agents,
        service_level=1 - waits * math.exp(-drain * seconds),
        waits=waits,
        asa=waits / drain,
        occupancy=load / agents,
    )


def erlang_a(agents: int, demand: Demand, seconds: float) -> Figures:
    """The figures where customers lose patience (Garnett, Mandelbaum and Reiman, section 3).

    The chain of calls in the system is summed from "all agents busy, nobody waits" outward, relative to that
    state. Somebody with i before them is served in the end with chance nµ / (nµ + (i+1)θ),
    having spent 1 / (nµ + (j+1)θ) at each place j on the way.
    Raises `ValueError` where the demand has no patience.
    """
    if demand.patience is None:
        raise ValueError("Erlang A needs a patience; without one use erlang_c")
    load = demand.load
    blocked = erlang_b(agents, load)
    if blocked < _NOBODY:
        return Figures(
            agents=agents, service_level=1.0, waits=0.0, asa=0.0, occupancy=load / agents if agents else 0.0
        )
    if agents == 0:
        return Figures(agents=0, service_level=0.0, waits=1.0, asa=None, occupancy=0.0, abandonment=1.0)
    serve, leave = agents / demand.handling, 1 / demand.patience
    if (demand.per_second - serve) / leave > _CROWD:
        return _crowded(agents, demand, seconds)
    # The largest term is put at 1, so that no sum overflows.
    scale, terms = _line(demand.per_second, serve, leave)
    waiting = left = spent = passed = 0.0
    for place, term in enumerate(terms):
        out = serve + (place + 1) * leave
        passed += 1 / out
        waiting += term
        left += term * (place + 1) * leave / out
        spent += term * passed * serve / out
    below = math.exp(math.log(1 / blocked - 1) - scale) if blocked < 1 else 0.0
    total = below + waiting
    served = 1 - left / total
    within = _served_within(demand, serve, seconds, -scale - math.log(total))
    return Figures(
        agents=agents,
        service_level=min(1.0, below / total + within),
        waits=waiting / total,
        asa=spent / total / served,
        occupancy=load * served / agents,
        abandonment=left / total,
    )


def _crowded(agents: int, demand: Demand, seconds: float) -> Figures:
    """Erlang A with a million and more waiting: as a fluid, which it then is to a thousandth (Garnett et
    al., 4)."""
    assert demand.patience is not None
    wait = demand.patience * math.log(demand.load / agents)
    served = agents / demand.load
    return Figures(
        agents=agents,
        service_level=served if wait <= seconds else 0.0,
        waits=1.0,
        asa=wait,
        occupancy=1.0,
        abandonment=1 - served,
    )


def _line(come: float, serve: float, leave: float) -> tuple[float, list[float]]:
    """Weights of "all busy and so many wait", 0 and up: logarithm of the largest, and all divided by it."""
    logs = [0.0]
    largest, place = 0.0, 0
    least = math.log(_NEGLIGIBLE)
    while logs[-1] > largest + least:
        place += 1
        logs.append(logs[-1] + math.log(come / (serve + place * leave)))
        largest = max(largest, logs[-1])
    return largest, [math.exp(log - largest) for log in logs]


def _served_within(demand: Demand, serve: float, seconds: float, log_full: float) -> float:
    """Chance to wait and be served within ``seconds``; ``log_full``: logarithm of "all busy, nobody waits".

    The integral of the density of the wait that a patient customer would have (Zeltyn and Mandelbaum, 2.2),
    times the chance to have the patience; by Simpson's rule, as far as there is anything of it: from its
    highest place on it falls faster and faster, towards serve + leave a second.
    """
    assert demand.patience is not None
    come, leave = demand.per_second, 1 / demand.patience
    falls = serve + leave
    highest = max(0.0, math.log(come / falls) / leave)
    seconds = min(seconds, highest + 40 / falls + 1 / leave)
    steps = 2 * min(_MOST_STEPS, max(_STEPS, math.ceil(8 * max(come, falls) * seconds)))
    width = seconds / steps

    def density(at: float) -> float:
        # λ p(n-1) = nµ p(n)
        return math.exp(log_full - come * math.expm1(-leave * at) / leave - falls * at)

    inner = sum((4 if step % 2 else 2) * density(step * width) for step in range(1, steps))
    return serve * (density(0) + inner + density(seconds)) * width / 3
