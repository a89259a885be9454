"""Who gets which work: pure, without a clock, a database or a network (DESIGN D4).

`contact_center.routing.router.Router` decides; `contact_center.routing.policy` reads how queues shall decide.
"""

from __future__ import annotations

from typing import Final

from contact_center.routing.orders.base import Order
from contact_center.routing.orders.first_come import FirstCome
from contact_center.routing.orders.priority_ageing import PriorityAgeing
from contact_center.routing.strategies.base import Preferring, Ranking
from contact_center.routing.strategies.last_agent import LastAgent
from contact_center.routing.strategies.least_loaded import LeastLoaded
from contact_center.routing.strategies.longest_idle import LongestIdle
from contact_center.routing.strategies.most_skilled import MostSkilled
from contact_center.routing.strategies.owner_first import OwnerFirst
from contact_center.routing.strategies.round_robin import RoundRobin

_STRATEGIES: tuple[Ranking | Preferring, ...] = (
    LongestIdle(),
    MostSkilled(),
    LeastLoaded(),
    RoundRobin(),
    OwnerFirst(),
    LastAgent(),
)
_ORDERS: tuple[Order, ...] = (FirstCome(), PriorityAgeing())

STRATEGIES: Final = {strategy.name: strategy for strategy in _STRATEGIES}
"""Which agent gets the work. Those that are a `Ranking` rank all agents, those that are `Preferring` prefer
some."""

ORDERS: Final = {order.name: order for order in _ORDERS}
"""Which work goes first."""
