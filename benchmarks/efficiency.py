"""Does the router serve as well as theory allows? Simulated in virtual time, against Erlang's formulas.

    python -m benchmarks.efficiency

One pooled queue is held against Erlang C, and with impatient customers against Erlang A: each figure within
2 % of the formula, or within the sampling error of the runs (95 %). Then skills in a chain, where each agent
has two neighbouring skills: it lies between groups of one skill each and one group of all skills, both of
which Erlang C knows; how near to the latter is the strategy's doing. Exits with 1 where theory is missed.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import fmean

from contact_center.routing import STRATEGIES
from contact_center.routing.model import QueuePolicy
from contact_center.routing.strategies.base import Ranking
from contact_center.simulation.distributions import Exponential
from contact_center.simulation.engine import simulate
from contact_center.simulation.figures import student
from contact_center.simulation.plan import Plan
from contact_center.simulation.scenario import Customers, Group, Scenario, Source, plan_of
from contact_center.staffing import Demand, Figures, erlang_a, erlang_c

SECONDS = 20.0
AHT = 180.0
WITHIN = 0.02
SKILLS, EACH, LOAD = 6, 5, 0.84


class Measured:
    """What several runs say of one figure: mean and half of the 95 % interval.

    Most of the chance in a run is how much work it happened to bring (``loads``, in erlangs), and that has a
    known mean: what goes with it, by least squares, is taken out (a control variate; Law, "Simulation
    Modeling and Analysis", 11.4).
    """

    def __init__(self, values: Sequence[float], loads: Sequence[float], expected: float) -> None:
        level, load = fmean(values), fmean(loads)
        spread = math.fsum((one - load) ** 2 for one in loads)
        together = math.fsum((x - load) * (y - level) for x, y in zip(loads, values, strict=True))
        slope = together / spread if spread else 0.0
        number = len(values)
        rest = math.fsum(
            (y - level - slope * (x - load)) ** 2 for x, y in zip(loads, values, strict=True)
        ) / (number - 2)
        self.mean = level - slope * (load - expected)
        away = (load - expected) ** 2 / spread if spread else 0.0
        self.margin = student(number - 2) * math.sqrt(rest * (1 / number + away))


Row = dict[str, float]


def measured(rows: Sequence[Row]) -> dict[str, Measured]:
    """The figures of some runs."""
    loads = [row["load"] for row in rows]
    return {name: Measured([row[name] for row in rows], loads, rows[0]["expected load"]) for name in rows[0]}


def run_once(scenario: Scenario, number: int) -> Row:
    """One run: the figures that the formulas tell, of all queues together; contacts, and CPU seconds."""
    began = time.process_time()
    plan = plan_of(scenario, number)
    tally = simulate(plan)
    took = time.process_time() - began
    queues = tally.queues.values()
    waits = [wait for queue in queues for wait in queue.waits]
    came = sum(queue.came for queue in queues)
    left = sum(len(queue.left) for queue in queues)
    groups = tally.groups.values()
    return {
        "Pw": (sum(wait > 1e-3 for wait in waits) + left) / came,
        "service level": sum(queue.in_target for queue in queues) / came,
        "ASA": fmean(waits),
        "occupancy": sum(group.busy for group in groups) / sum(group.duty for group in groups),
        "abandonment": left / came,
        "load": _load(plan),
        "expected load": math.fsum(source.rates[0][1] * source.handling.mean for source in scenario.sources)
        / 3600,
        "came": came,
        "CPU": took,
    }


def _load(plan: Plan) -> float:
    """The work that came while it was measured, in erlangs."""
    work = math.fsum(one.handling for one in plan.arrivals() if one.at >= plan.measured_from)
    return work / (plan.end - plan.measured_from)


def theory(found: Figures) -> Row:
    assert found.asa is not None
    return {
        "Pw": found.waits,
        "service level": found.service_level,
        "ASA": found.asa,
        "occupancy": found.occupancy,
        "abandonment": found.abandonment,
    }


def compare(title: str, expected: Figures, rows: Sequence[Row]) -> bool:
    """A table of theory beside simulation; whether all of it agrees."""
    print(f"\n{title}\n")
    print("| figure | theory | simulated | ratio | sampling error | inside |")
    print("| --- | --- | --- | --- | --- | --- |")
    agrees, found = True, measured(rows)
    for name, value in theory(expected).items():
        if not value:
            continue
        one = found[name]
        ratio, error = one.mean / value, one.margin / value
        close, sampled = abs(ratio - 1) <= WITHIN, abs(ratio - 1) <= error
        inside = "2 %" if close else "sampling error" if sampled else "MISSED"
        agrees = agrees and (close or sampled)
        print(f"| {name} | {value:.4f} | {one.mean:.4f} | {ratio:.4f} | ±{error:.4f} | {inside} |")
    return agrees


# --- one queue ------------------------------------------------------------------------------------


def pooled(agents: int, demand: Demand, hours: float) -> Scenario:
    """One queue, one group."""
    patience = None if demand.patience is None else Exponential(demand.patience)
    return _scenario(
        {"calls": QueuePolicy(auto_accept=True, target_seconds=SECONDS)},
        (_source("calls", demand, patience),),
        (Group(name="agents", count=agents),),
        hours,
    )


def _source(queue: str, demand: Demand, patience: Exponential | None = None) -> Source:
    return Source(
        queue=queue,
        kind="call",
        rates=((0.0, demand.per_second * 3600),),
        patience=patience,
        handling=Exponential(demand.handling),
        wrap_up=Exponential(0.0),
    )


def _scenario(
    policies: dict[str, QueuePolicy],
    sources: tuple[Source, ...],
    groups: tuple[Group, ...],
    hours: float,
    customers: Customers | None = None,
) -> Scenario:
    return Scenario(
        title="efficiency",
        seed=1,
        begin=0.0,
        hours=hours + 5,
        warm_up=5.0,
        policies=policies,
        titles={},
        sources=sources,
        customers=customers or Customers(),
        groups=groups,
    )


class Runner:
    """Runs scenarios so often, on all cores."""

    def __init__(self, number: int, pool: ProcessPoolExecutor) -> None:
        self.number, self.pool = number, pool
        self.came = self.cpu = 0.0

    def __call__(self, scenario: Scenario) -> list[Row]:
        rows = list(self.pool.map(partial(run_once, scenario), range(self.number)))
        self.came += sum(row["came"] for row in rows)
        self.cpu += sum(row["CPU"] for row in rows)
        return rows


# --- skills in a chain ----------------------------------------------------------------------------


def skilled(shape: str, strategy: tuple[str, ...], hours: float) -> Scenario:
    """A queue a skill, a group a skill; ``shape``: dedicated (one skill each), chain (two neighbours),
    pooled (all)."""
    names = [f"skill{number}" for number in range(SKILLS)]
    reach = {"dedicated": 1, "chain": 2, "pooled": SKILLS}[shape]
    demand = Demand(LOAD * EACH / AHT, AHT)
    policies = {
        name: QueuePolicy(strategy=strategy, required={name: 1}, auto_accept=True, target_seconds=SECONDS)
        for name in names
    }
    groups = tuple(
        Group(
            name=name,
            count=EACH,
            skills={names[(number + step) % SKILLS]: 9 - step for step in range(reach)},
        )
        for number, name in enumerate(names)
    )
    known = isinstance(STRATEGIES[strategy[0]], Ranking)
    customers = Customers() if known else Customers(count=2000, owned=0.5, owners=tuple(names))
    return _scenario(policies, tuple(_source(name, demand) for name in names), groups, hours, customers)


def chain(runs: Runner, hours: float) -> bool:
    """The table of strategies; whether the bounds agree with theory and every strategy lies between them."""
    demand = Demand(LOAD * EACH / AHT, AHT)
    alone = erlang_c(EACH, demand, SECONDS)
    all_skilled = erlang_c(SKILLS * EACH, Demand(SKILLS * demand.per_second, AHT), SECONDS)
    agrees = compare(
        f"{SKILLS} groups of {EACH} with one skill each, against Erlang C",
        alone,
        runs(skilled("dedicated", ("longest_idle",), hours)),
    )
    one = runs(skilled("pooled", ("longest_idle",), hours))
    agrees &= compare(f"The same {SKILLS * EACH} agents with all skills, against Erlang C", all_skilled, one)
    bound, worst = theory(all_skilled), theory(alone)
    print(f"\nIn a chain: {SKILLS} skills, {EACH} agents each have it and its neighbour, load {LOAD:.0%}\n")
    print("| strategy | service level | of the pooled | ASA s | gain of pooling | between the bounds |")
    print("| --- | --- | --- | --- | --- | --- |")
    share = worst["service level"] / bound["service level"]
    print(
        f"| (dedicated, theory) | {worst['service level']:.3f} | {share:.3f} | {worst['ASA']:.1f} | 0 % | |"
    )
    print(f"| (pooled, theory) | {bound['service level']:.3f} | 1 | {bound['ASA']:.1f} | 100 % | |")
    for name, strategy in STRATEGIES.items():
        ranks = isinstance(strategy, Ranking)
        named = (name,) if ranks else (name, "longest_idle")
        found = measured(runs(skilled("chain", named, hours)))
        level, asa = found["service level"], found["ASA"]
        gain = (worst["ASA"] - asa.mean) / (worst["ASA"] - bound["ASA"])
        inside = bound["ASA"] - asa.margin <= asa.mean <= worst["ASA"] + asa.margin
        # Who prefers one agent lets customers wait for them: no bound holds, and the price is worth seeing.
        agrees &= inside or not ranks
        print(
            f"| {', '.join(named)} | {level.mean:.3f} ±{level.margin:.3f} | "
            f"{level.mean / bound['service level']:.3f} | {asa.mean:.1f} ±{asa.margin:.1f} | {gain:.0%} | "
            f"{'yes' if inside else 'NO' if ranks else 'no'} |"
        )
    return agrees


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=100.0, help="simulated in each run of one queue")
    parser.add_argument("--chain-hours", type=float, default=8.0, help="simulated in each run of a chain")
    parser.add_argument("--runs", type=int, default=16)
    args = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        runs = Runner(args.runs, pool)
        agrees = everything(runs, args.hours, args.chain_hours)
    print(f"\n{'theory is met' if agrees else 'THEORY IS MISSED'}")
    print(f"simulated {runs.came:,.0f} contacts, {runs.came / runs.cpu:,.0f} a second of processor time")
    sys.exit(not agrees)


def everything(runs: Runner, hours: float, chain_hours: float) -> bool:
    """All tables; whether all agree with theory."""
    patient, impatient = Demand(100 / 1800, AHT), Demand(100 / 1800, AHT, 300.0)
    agrees = compare(
        "100 calls in 30 min, AHT 3 min, 14 agents, against Erlang C",
        erlang_c(14, patient, SECONDS),
        runs(pooled(14, patient, hours)),
    )
    agrees &= compare(
        "The same with a patience of 5 min, against Erlang A",
        erlang_a(14, impatient, SECONDS),
        runs(pooled(14, impatient, hours)),
    )
    return chain(runs, chain_hours) and agrees


if __name__ == "__main__":
    main()
