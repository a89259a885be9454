"""A scenario: a day that might be, written down in YAML, and the plan that is made of it.

Every source of contacts and every agent draws from random streams of its own, named after the seed and it.
So the same seed gives the same day, and a changed policy meets the same contacts (common random numbers).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Final

import msgspec

from contact_center.agent import AVAILABLE, BREAK, OFFLINE
from contact_center.routing.model import Capacity, QueuePolicy, Skills
from contact_center.simulation.distributions import Distribution
from contact_center.simulation.document import DAY
from contact_center.simulation.plan import NEVER, Arrival, Manners, Plan, Worker

HOUR: Final = 3600.0

Streams = Callable[[str], Random]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One stream of contacts. ``rates``: contacts an hour from a second of the day on; or ``times``: each
    second of the
    day at which one comes. ``languages``: shares; the rest has none. ``transfers``: shares that go on to
    other queues.
    """

    queue: str
    kind: str
    rates: tuple[tuple[float, float], ...] = ()
    times: tuple[float, ...] = ()
    patience: Distribution | None = None
    handling: Distribution
    wrap_up: Distribution
    priority: int = 0
    languages: Mapping[str, float] = {}
    required: Skills = {}
    preferred: Skills = {}
    transfers: Mapping[str, float] = {}


class Customers(msgspec.Struct, frozen=True, kw_only=True):
    """Who the customers are: how many different ones (0 = all strangers), shares of tiers, and of those with
    an owner."""

    count: int = 0
    tiers: Mapping[str, float] = {}
    owned: float = 0.0
    owners: tuple[str, ...] = ()


class Pause(msgspec.Struct, frozen=True):
    """A break from a second of the day on; each next agent of the group takes it ``stagger`` seconds
    later."""

    start: float
    seconds: float
    stagger: float = 0.0


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Agents who are alike. ``shifts``: from and to, seconds of the day; () = always. The agents are
    ``name-1`` and so on."""

    name: str
    count: int
    skills: Skills = {}
    languages: tuple[str, ...] = ()
    capacity: Capacity = ({"call": 1},)
    shifts: tuple[tuple[float, float], ...] = ()
    breaks: tuple[Pause, ...] = ()
    speed: float = 1.0
    manners: Manners = Manners()


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A day that might be. ``begin``: seconds since the epoch; ``hours`` long, of which the first
    ``warm_up`` are not measured."""

    title: str
    seed: int
    begin: float
    hours: float
    warm_up: float
    policies: Mapping[str, QueuePolicy]
    titles: Mapping[str, str]
    sources: tuple[Source, ...]
    customers: Customers
    groups: tuple[Group, ...]


def plan_of(scenario: Scenario, run: int = 0) -> Plan:
    """The plan of a scenario; each ``run`` has random streams of its own."""
    begin, end = scenario.begin, scenario.begin + scenario.hours * HOUR
    seed = f"{scenario.seed}/{run}" if run else f"{scenario.seed}"

    def stream(name: str) -> Random:
        return Random(f"{seed}/{name}")  # noqa: S311 a simulation

    workers = tuple(worker for group in scenario.groups for worker in _workers(group, begin, end))
    owners = tuple(worker.id for worker in workers if worker.group in scenario.customers.owners)
    people = _People(scenario.customers, owners, stream)

    def arrivals() -> Iterator[Arrival]:
        streams = [
            _arrivals(source, f"source {number}", begin, end, people)
            for number, source in enumerate(scenario.sources)
        ]
        return heapq.merge(*streams, key=lambda arrival: arrival.at)

    return Plan(
        title=scenario.title,
        begin=begin,
        measured_from=begin + scenario.warm_up * HOUR,
        end=end,
        policies=scenario.policies,
        titles=scenario.titles,
        workers=workers,
        arrivals=arrivals,
        streams=stream,
    )


# --- agents ---------------------------------------------------------------------------------------


def _workers(group: Group, begin: float, end: float) -> Iterator[Worker]:
    for number in range(group.count):
        yield Worker(
            id=f"{group.name}-{number + 1}",
            group=group.name,
            skills=group.skills,
            languages=group.languages,
            capacity=group.capacity,
            speed=group.speed,
            manners=group.manners,
            presences=tuple(_presences(group, number, begin, end)),
        )


def _presences(group: Group, number: int, begin: float, end: float) -> Iterator[tuple[float, str]]:
    """What the roster wants from when on, over all days; shifts that begin after the end are left out."""
    midnight = begin - begin % DAY
    shifts = list(group.shifts) or [(begin - midnight, end - midnight + DAY)]
    days = int((end - midnight) // DAY) + 1 if group.shifts else 1
    for day in range(-1 if group.shifts else 0, days):
        for start, stop in shifts:
            came = midnight + day * DAY + start
            went = came + (stop - start if stop > start else stop + DAY - start)
            if came >= end or went <= begin:
                continue
            yield max(came, begin), AVAILABLE
            yield from _pauses(group, number, max(came, begin), went)
            yield went, OFFLINE


def _pauses(group: Group, number: int, came: float, went: float) -> Iterator[tuple[float, str]]:
    midnight = came - came % DAY
    found = []
    for day in range(int((went - midnight) // DAY) + 1):
        for pause in group.breaks:
            start = midnight + day * DAY + pause.start + pause.stagger * number
            if came < start < went:
                found += [(start, BREAK), (min(start + pause.seconds, went), AVAILABLE)]
    yield from sorted(found, key=lambda change: change[0])


# --- contacts -------------------------------------------------------------------------------------


class _People:
    """Who the contacts are from: drawn once for a plan, so that a customer keeps tier and owner."""

    def __init__(self, customers: Customers, owners: tuple[str, ...], stream: Streams) -> None:
        self.customers, self.owners, self.stream = customers, owners, stream
        random = stream("customers")
        self._known = [self._one(random, f"c{number}") for number in range(customers.count)]

    def _one(self, random: Random, name: str) -> tuple[str, str, tuple[str, ...]]:
        tier = _pick(self.customers.tiers, random.random())
        owned = random.random() < self.customers.owned and self.owners
        owner = int(random.random() * len(self.owners))
        return name, tier, (self.owners[owner],) if owned else ()

    def draw(self, random: Random) -> tuple[str, str, tuple[str, ...]]:
        """Name, tier and owners of whoever comes; '' for the name of a stranger."""
        if self._known:
            return self._known[int(random.random() * len(self._known))]
        return self._one(random, "")


def _arrivals(source: Source, name: str, begin: float, end: float, people: _People) -> Iterator[Arrival]:
    times = people.stream(f"{name} times")
    patience, again = source.patience, source.transfers
    own, who = people.stream(f"{name} contacts"), people.stream(f"{name} customers")
    for at in _listed(source, begin, end) if source.times else _random_times(source, begin, end, times):
        customer, tier, owners = people.draw(who)
        yield Arrival(
            at=at,
            queue=source.queue,
            kind=source.kind,
            patience=NEVER if patience is None else patience.draw(own),
            handling=source.handling.draw(own),
            wrap_up=source.wrap_up.draw(own),
            priority=source.priority,
            language=_pick(source.languages, own.random()) if source.languages else "",
            tier=tier,
            required=source.required,
            preferred=source.preferred,
            owners=owners,
            customer=customer,
            then=_pick(again, own.random()) if again else "",
            then_patience=patience.draw(own) if again and patience is not None else NEVER,
            then_handling=source.handling.draw(own) if again else 0.0,
        )


def _listed(source: Source, begin: float, end: float) -> Iterator[float]:
    midnight = begin - begin % DAY
    for day in range(int((end - midnight) // DAY) + 1):
        for second in sorted(source.times):
            if begin <= midnight + day * DAY + second < end:
                yield midnight + day * DAY + second


def _random_times(source: Source, begin: float, end: float, random: Random) -> Iterator[float]:
    """A Poisson stream whose rate changes with the time of day: within each piece, gaps are exponential."""
    for start, stop, rate in _pieces(source.rates, begin, end):
        at = start
        while rate and (at := at + random.expovariate(rate)) < stop:
            yield at


def _pieces(
    rates: tuple[tuple[float, float], ...], begin: float, end: float
) -> Iterator[tuple[float, float, float]]:
    """From, to and contacts a second; before the first time of day nobody comes."""
    if len(rates) == 1 and not rates[0][0]:
        yield begin, end, rates[0][1] / HOUR
        return
    midnight = begin - begin % DAY
    starts = [start for start, _ in rates[1:]] + [DAY]
    for day in range(int((end - midnight) // DAY) + 1):
        for (start, rate), stop in zip(rates, starts, strict=True):
            first, last = midnight + day * DAY + start, midnight + day * DAY + stop
            if max(first, begin) < min(last, end):
                yield max(first, begin), min(last, end), rate / HOUR


def _pick(shares: Mapping[str, float], chance: float) -> str:
    """The name into whose share ``chance`` (0 to 1) falls; '' for the rest."""
    for name, share in shares.items():
        if chance < share:
            return name
        chance -= share
    return ""
