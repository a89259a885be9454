"""Recorded days as a plan, and as figures of what really happened.

What was recorded is kept: who came when, how long conversations and write-ups took, how long those waited
who left. What the day did not show is drawn: the patience of those who were answered (longer than they
waited, by `contact_center.simulation.patience`), and how long it would have taken those who left (as others
of their queue). Agents answer, decline and miss offers as often, and as quickly, as they did.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from statistics import fmean
from typing import Final

from contact_center.agent import AVAILABLE
from contact_center.simulation.distributions import Constant, Empirical
from contact_center.simulation.figures import GroupFigures, QueueFigures, Report, percentile
from contact_center.simulation.history import History, RecordedAgent, Talk, Visit, Wait
from contact_center.simulation.patience import Patience, estimate
from contact_center.simulation.plan import NEVER, Arrival, Manners, Plan, Worker

GROUP: Final = "agents"
ENOUGH: Final = 10
"""Customers of a queue who left; of fewer, all queues' customers are taken together."""
USUAL_HANDLING: Final = 240.0
USUAL_AWAY: Final = 120.0
_PROMISE: Final = "callback"
"""Work that waits in a customer's stead, and so never hangs up."""


def replay_plan(history: History, seed: int, run: int) -> Plan:
    """The recorded days as a plan; what is drawn differs from ``run`` to run."""

    def stream(name: str) -> Random:
        return Random(f"{seed}/{run}/{name}")  # noqa: S311 a simulation

    drawing = _Drawing(history)

    def arrivals() -> Iterator[Arrival]:
        for number, visit in enumerate(history.visits):
            yield drawing.arrival(visit, stream(f"visit {number}"))

    return Plan(
        title="Recorded days",
        begin=history.start,
        measured_from=history.start,
        end=history.end,
        policies=history.policies,
        titles=history.titles,
        workers=tuple(_worker(agent, history.visits) for agent in history.agents),
        arrivals=arrivals,
        streams=stream,
    )


class _Drawing:
    """What is drawn for contacts, from what all others of their queue showed."""

    def __init__(self, history: History) -> None:
        self.history = history
        waits: dict[str, list[tuple[float, bool]]] = {name: [] for name in history.policies}
        self.talks: dict[str, list[Talk]] = {}
        for visit in history.visits:
            for wait in visit.waits:
                if visit.kind != _PROMISE and wait.queue in waits:
                    waits[wait.queue].append((wait.seconds, wait.ended == "left"))
            for wait, talk in zip(visit.waits, visit.talks, strict=False):
                self.talks.setdefault(wait.queue, []).append(talk)
        self.all_talks = [talk for talks in self.talks.values() for talk in talks]
        everybody = estimate(wait for found in waits.values() for wait in found)
        self.patience: dict[str, Patience] = {
            name: estimate(found) if sum(left for _, left in found) >= ENOUGH else everybody
            for name, found in waits.items()
        }

    def arrival(self, visit: Visit, random: Random) -> Arrival:
        """The contact, with what is not known of it drawn. Only the first transfer to another queue is
        repeated; who was given from agent to agent in one queue was handled by one for as long."""
        first, *others = visit.waits
        then = next((wait for wait in others if wait.queue in self.history.policies), None)
        talk = visit.talks[0] if visit.talks else self._talk(first.queue, random)
        if not others and visit.talks:
            talk = Talk("", talk.at, math.fsum(one.seconds for one in visit.talks), visit.talks[-1].wrap_up)
        last = talk
        if then is not None:
            last = visit.talks[1] if len(visit.talks) > 1 else self._talk(then.queue, random)
        return Arrival(
            at=visit.at,
            place=visit.place,
            queue=first.queue,
            kind=visit.kind,
            patience=self._patience(visit, first, random),
            handling=talk.seconds,
            wrap_up=last.wrap_up,
            priority=visit.priority,
            language=visit.language,
            tier=visit.tier,
            required=visit.required,
            preferred=visit.preferred,
            owners=visit.owners,
            last_agent=visit.last_agent,
            then=then.queue if then else "",
            then_patience=self._patience(visit, then, random) if then else NEVER,
            then_handling=last.seconds if then else 0.0,
        )

    def _patience(self, visit: Visit, wait: Wait, random: Random) -> float:
        if wait.ended in ("left", "timed_out"):
            return wait.seconds
        if visit.kind == _PROMISE:
            return NEVER
        return self.patience[wait.queue].draw(random, wait.seconds)

    def _talk(self, queue: str, random: Random) -> Talk:
        known = self.talks.get(queue) or self.all_talks
        return known[int(random.random() * len(known))] if known else Talk("", 0.0, USUAL_HANDLING)


def _worker(agent: RecordedAgent, visits: Sequence[Visit]) -> Worker:
    return Worker(
        id=agent.id,
        group=GROUP,
        skills=agent.skills,
        languages=agent.languages,
        capacity=agent.capacity,
        stand_in=agent.stand_in,
        presences=agent.presences,
        manners=_manners(agent, visits),
    )


def _manners(agent: RecordedAgent, visits: Sequence[Visit]) -> Manners:
    asked = [
        one
        for visit in visits
        for wait in visit.waits
        for one in wait.asked
        if one.agent_id == agent.id and one.ended != "revoked"
    ]
    if not asked:
        return Manners(away=Constant(USUAL_AWAY))
    ends = Counter(one.ended for one in asked)
    answered = tuple(one.seconds for one in asked if one.ended != "expired")
    return Manners(
        seconds=Empirical(answered) if answered else Constant(0.0),
        declined=ends["declined"] / len(asked),
        missed=ends["expired"] / len(asked),
        away=Empirical(agent.away) if agent.away else Constant(USUAL_AWAY),
    )


# --- what really happened -------------------------------------------------------------------------


def recorded_report(history: History) -> Report:
    """The figures of the days as they were; without intervals."""
    queues = {name: _figures(history, [name]) for name in history.policies}
    moves = Counter(
        f"{source} > {to}" for visit in history.visits for wait in visit.waits for source, to in wait.moved
    )
    return Report(
        overall=_figures(history, list(history.policies)),
        queues=queues,
        groups={GROUP: _group(history)},
        moves={pair: float(count) for pair, count in moves.items()},
        intervals=(),
    )


def _figures(history: History, names: Sequence[str]) -> QueueFigures:
    waits = [wait for visit in history.visits for wait in visit.waits if wait.queue in names]
    answered = sorted(wait.seconds for wait in waits if wait.ended == "answered")
    left = [wait.seconds for wait in waits if wait.ended in ("left", "timed_out")]
    in_target = sum(
        wait.ended == "answered" and wait.seconds <= history.policies[wait.queue].target_seconds
        for wait in waits
    )
    asked = Counter(one.ended for wait in waits for one in wait.asked)
    came = len(waits)
    return QueueFigures(
        came=came,
        answered=len(answered),
        abandoned=len(left),
        unserved=came - len(answered) - len(left),
        service_level=in_target / came if came else None,
        abandonment=len(left) / came if came else None,
        asa=fmean(answered) if answered else None,
        p50=percentile(answered, 0.5),
        p80=percentile(answered, 0.8),
        p90=percentile(answered, 0.9),
        p95=percentile(answered, 0.95),
        p99=percentile(answered, 0.99),
        longest=max([*answered[-1:], *left], default=None),
        left_after=fmean(left) if left else None,
        offers=asked.total(),
        declined=asked["declined"],
        expired=asked["expired"],
        revoked=asked["revoked"],
        moved=sum(len(wait.moved) for wait in waits),
        transferred=sum(wait.queue in names for visit in history.visits for wait in visit.waits[:-1]),
    )


def _group(history: History) -> GroupFigures:
    """Hours at work by the presence log; busy: with a contact or writing one up."""
    duty = 0.0
    for agent in history.agents:
        ends = [at for at, _ in agent.presences[1:]] + [history.end]
        duty += math.fsum(
            end - at
            for (at, presence), end in zip(agent.presences, ends, strict=True)
            if presence == AVAILABLE
        )
    spans: dict[str, list[tuple[float, float]]] = {}
    for visit in history.visits:
        for talk in visit.talks:
            spans.setdefault(talk.agent_id, []).append((talk.at, talk.at + talk.seconds + talk.wrap_up))
    busy = math.fsum(_covered(found, history.end) for found in spans.values())
    away = math.fsum(second for agent in history.agents for second in agent.away)
    duty -= away
    return GroupFigures(
        agents=len(history.agents),
        duty_hours=duty / 3600,
        busy_hours=busy / 3600,
        away_hours=away / 3600,
        occupancy=busy / duty if duty > 0 else None,
        handled=sum(len(visit.talks) for visit in history.visits),
    )


def _covered(spans: list[tuple[float, float]], until: float) -> float:
    """How long at least one of the spans lasted."""
    total, reached = 0.0, -math.inf
    for start, end in sorted(spans):
        start, end = max(start, reached), min(end, until)
        total += max(0.0, end - start)
        reached = max(reached, end)
    return total
