"""What one routing decision costs, with much and with little waiting, with many and with few agents.

    python -m benchmarks.router [--waiting 1000,10000,100000] [--agents 100,1000,10000] [--decisions 3000]

Fifty skills, fifty queues with one required skill each, all rankings in turn, rings, and work with skills,
languages and owners of its own. A decision: all agents are busy, one becomes free, and gets the most urgent
work that fits. Then the offer is committed and new work comes, so that the line keeps its length; it comes as
fast as it is taken, so that waits (up to an hour, and some more) are the same whatever the length. A second
table has work coming to a centre where nobody is busy.

Times are of the thread's CPU, and sizes are measured in turns, because the machine may be busy. "Until the
offer" is what an agent waits; "all" adds telling the router of the commit and of the new work. A plain scan
(`benchmarks.plain_scan`) decides the first of the same decisions and must agree on each; if it does not,
the exit status is 1.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

import msgspec

from benchmarks.plain_scan import Choice, PlainScan
from contact_center.routing.model import AgentView, Item, Offer, Proposal, QueuePolicy, Ring
from contact_center.routing.router import Router

SKILLS = [f"skill_{number:02d}" for number in range(50)]
RANKINGS = ("longest_idle", "most_skilled", "least_loaded", "round_robin")
START = 1_800_000_000.0
BLOCKS = 10

Chosen = tuple[tuple[str, str], ...]
"""Items and agents."""


class Measured(NamedTuple):
    """A decision. ``until_offer``, ``all``: seconds."""

    chosen: Chosen
    until_offer: float
    all: float


class Agreement(NamedTuple):
    """The plain scan's median time, and on how many of the decisions asked of it it chose the same."""

    micro: float
    same: int
    asked: int


def policies() -> dict[str, QueuePolicy]:
    """A queue for each skill; wider after a minute."""
    return {
        f"queue_{number:02d}": QueuePolicy(
            strategy=("owner_first", RANKINGS[number % 4]),
            required={skill: 2 + number % 4},
            preferred={SKILLS[number - 1]: 1} if number % 5 == 0 else {},
            priority=number % 3,
            rings=(Ring(after=60, lower=2), Ring(after=300, language="preferred")),
        )
        for number, skill in enumerate(SKILLS)
    }


class Centre:
    """A centre of a certain size: with work waiting everybody is busy, without everybody is free."""

    def __init__(self, waiting: int, agents: int, router: Router | PlainScan) -> None:
        self.random = Random(waiting * 31 + agents)
        self.router = router
        self.now = START
        self.count = 0
        self.step = 3600.0 / waiting if waiting else 1.0
        self.load = {"call": 1} if waiting else {}
        self.agents = [self._agent(number) for number in range(agents)]
        for view in self.agents:
            router.put_agent(view)
        for number in range(waiting):
            router.put_item(self._item(START - self.step * (waiting - number)))
        router.decide(START)

    def _agent(self, number: int) -> AgentView:
        skills = self.random.sample(SKILLS, 5)
        return AgentView(
            id=f"agt_{number:05d}",
            presence="available",
            skills={skill: self.random.randint(1, 10) for skill in skills},
            languages=self.random.choice([(), ("en",), ("en", "zh-CN")]),
            load=self.load,
            idle_since=START - self.random.random() * 3600,
            version=1,
        )

    def _item(self, at: float) -> Item:
        self.count += 1
        chance = self.random.random()
        return Item(
            id=f"wrk_{self.count:07d}",
            kind="call",
            queue=f"queue_{self.random.randrange(50):02d}",
            queued_at=at,
            entered_at=at,
            priority=self.random.choice([0, 0, 0, 2, 5]),
            tier=self.random.choice(["", "", "gold"]),
            language=self.random.choice(["en", "en", "zh-CN"]),
            required={self.random.choice(SKILLS): 2} if chance < 0.1 else {},
            owners=(self.random.choice(self.agents).id,) if chance > 0.9 else (),
        )

    def free_one(self) -> Measured:
        """An agent becomes free, and is busy again afterwards; new work comes into the line."""
        self.now += self.step
        number = self.random.randrange(len(self.agents))
        view = self.agents[number]
        free = msgspec.structs.replace(view, load={}, idle_since=self.now, version=view.version + 1)
        item = self._item(self.now)
        began = time.thread_time()
        self.router.put_agent(free)
        found = self.router.decide(self.now)
        offered = time.thread_time()
        chosen = self._commit(found)
        self.agents[number] = msgspec.structs.replace(view, version=view.version + 2)
        self.router.put_agent(self.agents[number])
        self.router.put_item(item)
        return Measured(chosen, offered - began, time.thread_time() - began)

    def bring_one(self) -> Measured:
        """Work comes, and an agent gets it, and is free again afterwards."""
        self.now += self.step
        item = self._item(self.now)
        began = time.thread_time()
        self.router.put_item(item)
        found = self.router.decide(self.now)
        offered = time.thread_time()
        chosen = self._commit(found)
        for _, agent_id in chosen:
            number = int(agent_id.removeprefix("agt_"))
            view = self.agents[number]
            turns = {**view.turns, item.queue: view.turns.get(item.queue, 0) + 1}
            self.agents[number] = msgspec.structs.replace(
                view, turns=turns, idle_since=self.now, version=view.version + 1
            )
            self.router.put_agent(self.agents[number])
        return Measured(chosen, offered - began, time.thread_time() - began)

    def _commit(self, found: Sequence[Proposal | Choice]) -> Chosen:
        offers = [each for each in found if isinstance(each, (Offer, Choice))]
        for each in offers:
            self.router.drop_item(each.item_id)
        return tuple((each.item_id, each.agent_id) for each in offers)


class Figures:
    """What was measured of one centre."""

    def __init__(self) -> None:
        self.decisions: list[Measured] = []
        self.blocks: list[float] = []

    def add(self, block: list[Measured]) -> None:
        self.decisions += block
        self.blocks.append(statistics.median(each.all for each in block))

    def row(self, least: Figures) -> str:
        micro = sorted(each.until_offer * 1e6 for each in self.decisions)
        per_second = len(self.decisions) / sum(each.all for each in self.decisions)
        ratio = statistics.median(a / b for a, b in zip(self.blocks, least.blocks, strict=True))
        return (
            f"{per_second:,.0f} | {statistics.median(micro):.0f} | {micro[int(len(micro) * 0.99)]:.0f} "
            f"| {statistics.median(each.all for each in self.decisions) * 1e6:.0f} | {ratio:.2f}"
        )


def measure(centres: Sequence[Centre], one: Callable[[Centre], Measured], decisions: int) -> list[Figures]:
    """So many decisions of each centre, in turns."""
    figures = [Figures() for _ in centres]
    gc.collect()
    gc.freeze()  # these two as `serve` has them
    gc.set_threshold(50_000, 20, 50)
    for _ in range(BLOCKS):
        for number, centre in enumerate(centres):
            figures[number].add([one(centre) for _ in range(decisions // BLOCKS)])
    gc.unfreeze()
    return figures


def agreement(
    centre: Centre, one: Callable[[Centre], Measured], figures: Figures, seconds: float
) -> Agreement:
    """Let the plain scan decide the same for so many seconds."""
    spent: list[float] = []
    same = 0
    for each in figures.decisions:
        found = one(centre)
        spent.append(found.until_offer)
        same += found.chosen == each.chosen
        if sum(spent) > seconds:
            break
    return Agreement(statistics.median(spent) * 1e6, same, len(spent))


def table(
    waiting: Sequence[int], agents: Sequence[int], one: Callable[[Centre], Measured], args: argparse.Namespace
) -> bool:
    """Measure all sizes and print the rows; whether the plain scan agreed on all."""
    print("| waiting | agents | decisions/s | until the offer us | p99 us | all us | ratio to least waiting "
          "| plain scan us | agreed |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    all_agreed = True
    for staff in agents:
        centres = [Centre(size, staff, Router(policies())) for size in waiting]
        figures = measure(centres, one, args.decisions)
        centres.clear()
        for size, each in zip(waiting, figures, strict=True):
            plain = agreement(Centre(size, staff, PlainScan(policies())), one, each, args.plain_seconds)
            all_agreed &= plain.same == plain.asked
            print(f"| {size:,} | {staff:,} | {each.row(figures[0])} | {plain.micro:,.0f} "
                  f"| {plain.same} of {plain.asked} |", flush=True)  # fmt: skip
    return all_agreed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--waiting", default="1000,10000,100000")
    parser.add_argument("--agents", default="100,1000,10000")
    parser.add_argument("--decisions", type=int, default=3_000)
    parser.add_argument("--plain-seconds", type=float, default=3.0, help="for the plain scan at each size")
    args = parser.parse_args()
    waiting = [int(size) for size in args.waiting.split(",")]
    agents = [int(size) for size in args.agents.split(",")]
    print("An agent becomes free, everybody else is busy:")
    agreed = table(waiting, agents, Centre.free_one, args)
    print("\nWork comes, everybody is free:")
    agreed &= table([0], agents, Centre.bring_one, args)
    sys.exit(0 if agreed else "the router and the plain scan disagree")


if __name__ == "__main__":
    main()
