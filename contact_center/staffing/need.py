"""How many people a queue needs: the fewest with whom it reaches its goal, and how many that is on the
roster."""

from __future__ import annotations

import math

import msgspec

from contact_center.staffing.erlang import Demand, Figures, erlang_a, erlang_c


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be reached: ``target`` of all calls answered in ``seconds``, agents busy at most
    ``max_occupancy``.

    ``shrinkage``: share of paid time in which people are not at their desk (holidays, illness, breaks,
    training).
    """

    target: float = 0.8
    seconds: float = 20.0
    max_occupancy: float = 1.0
    shrinkage: float = 0.0


class Need(msgspec.Struct, frozen=True):
    """Whom a queue needs: ``figures.agents`` at their desks, ``scheduled`` on the roster."""

    demand: Demand
    figures: Figures
    scheduled: int


def figures(agents: int, demand: Demand, seconds: float) -> Figures:
    """How ``agents`` do: by Erlang A where customers have a patience, else by Erlang C."""
    formula = erlang_c if demand.patience is None else erlang_a
    return formula(agents, demand, seconds)


def needed(demand: Demand, goal: Goal) -> Need:
    """The fewest agents with whom the goal is reached. Raises `ValueError` for a goal that nobody can
    reach."""
    if not 0 <= goal.target < 1:
        raise ValueError("the target must be at least 0 and below 1: nobody can promise to answer every call")
    if not 0 < goal.max_occupancy <= 1:
        raise ValueError("the highest occupancy must be above 0 and at most 1")
    if not 0 <= goal.shrinkage < 1:
        raise ValueError("shrinkage must be at least 0 and below 1")
    # More agents never answer later nor are busier, so the fewest is found by halving.
    few, enough = -1, max(1, math.ceil(demand.load))
    while not _reached(enough, demand, goal):
        few, enough = enough, enough * 2
    while enough - few > 1:
        middle = (few + enough) // 2
        if _reached(middle, demand, goal):
            enough = middle
        else:
            few = middle
    return Need(demand, figures(enough, demand, goal.seconds), scheduled(enough, goal.shrinkage))


def scheduled(agents: int, shrinkage: float) -> int:
    """How many must be on the roster, so that ``agents`` sit at their desks."""
    return math.ceil(round(agents / (1 - shrinkage), 9))


def _reached(agents: int, demand: Demand, goal: Goal) -> bool:
    found = figures(agents, demand, goal.seconds)
    return found.service_level >= goal.target and found.occupancy <= goal.max_occupancy
