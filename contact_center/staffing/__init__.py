"""How many people a queue needs: Erlang's formulas, the fewest agents for a goal, and tables of intervals."""

from __future__ import annotations

from contact_center.staffing.erlang import Demand, Figures, erlang_a, erlang_b, erlang_c
from contact_center.staffing.intervals import Interval, IntervalsError, read_intervals
from contact_center.staffing.need import Goal, Need, figures, needed, scheduled

__all__ = [
    "Demand",
    "Figures",
    "Goal",
    "Interval",
    "IntervalsError",
    "Need",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "figures",
    "needed",
    "read_intervals",
    "scheduled",
]
