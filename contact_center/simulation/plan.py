"""What a simulation runs: who comes and when, who is at work and when, and under which policies.

A plan comes from a scenario (`contact_center.simulation.scenario`) or from recorded days
(`contact_center.simulation.replay`). Times are seconds since the epoch. What belongs to a contact (when it
comes, how long it waits at most, how long it takes) is drawn before it meets any policy, so that the same
contacts come under every policy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Final

import msgspec

from contact_center.routing.model import Capacity, QueuePolicy, Skills
from contact_center.simulation.distributions import Constant, Distribution

NEVER: Final = math.inf


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A contact that comes. ``patience``: how long it waits at most, `NEVER` = for ever.

    ``handling`` and ``wrap_up``: how long it takes an agent of speed 1. ``customer``: whose it is, '' = a
    stranger's; who served a customer last is known to the simulation, ``last_agent`` is for those it has not
    seen yet. ``then``: the queue into which it is transferred after that, where it waits ``then_patience``
    at most and takes ``then_handling``.
    """

    at: float
    queue: str
    kind: str = "call"
    patience: float = NEVER
    handling: float
    wrap_up: float = 0.0
    priority: int = 0
    language: str = ""
    tier: str = ""
    required: Skills = {}
    preferred: Skills = {}
    owners: tuple[str, ...] = ()
    customer: str = ""
    last_agent: str = ""
    place: float = 0.0
    then: str = ""
    then_patience: float = NEVER
    then_handling: float = 0.0


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """What agents do with offers: answer after some ``seconds``, decline with a chance, or do not answer.

    ``away``: how long one who did not answer stays away (not responding).
    """

    seconds: Distribution = Constant(0.0)
    declined: float = 0.0
    missed: float = 0.0
    away: Distribution = Constant(60.0)


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of a plan. ``presences``: what the roster says from which time on, in order; offline before.

    ``speed``: 1.25 handles in 80 % of a contact's time.
    """

    id: str
    group: str
    skills: Skills = {}
    languages: tuple[str, ...] = ()
    capacity: Capacity = ({"call": 1},)
    stand_in: str = ""
    speed: float = 1.0
    manners: Manners = Manners()
    presences: tuple[tuple[float, str], ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation to run. Figures are of contacts that come from ``measured_from`` to ``end``; then nobody
    comes.

    ``streams``: a random stream by name, the same for the same name. ``arrivals`` begins anew with each call.
    """

    title: str
    begin: float
    measured_from: float
    end: float
    policies: Mapping[str, QueuePolicy]
    titles: Mapping[str, str]
    workers: tuple[Worker, ...]
    arrivals: Callable[[], Iterator[Arrival]]
    streams: Callable[[str], Random]
