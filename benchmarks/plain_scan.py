"""The rules of routing in the plainest form: every decision looks at all work and at all agents.

What the indexed router is measured against, and what its tests take for right (docs/routing.md has the
rules in words). It shares with the router only the values, `fits`, and two constants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from contact_center.agent import AVAILABLE, MEDIUM, fits
from contact_center.routing.groups import LANGUAGE_POINTS
from contact_center.routing.model import (
    AgentView,
    Item,
    Move,
    Overflow,
    QueuePolicy,
    Skills,
)
from contact_center.routing.turns import MAKE_UP


class Choice(NamedTuple):
    """An offer, and what a `Why` must say of it. ``candidates``: the best first, with points and score."""

    item_id: str
    agent_id: str
    strategy: str
    ring: int
    candidates: tuple[tuple[str, float, float], ...]
    reasons: dict[str, str]


class Taken(NamedTuple):
    agent_id: str
    medium: str
    queue: str
    forgiven: int


class PlainScan:
    """The same questions as `contact_center.routing.router.Router`, answered by looking everywhere."""

    def __init__(self, policies: Mapping[str, QueuePolicy]) -> None:
        self.policies = dict(policies)
        self.agents: dict[str, AgentView] = {}
        self.items: dict[str, Item] = {}
        self.known: dict[str, Item] = {}
        self.offered: dict[str, str] = {}
        self.taken: dict[str, Taken] = {}
        self.forgiven: dict[tuple[str, str], int] = {}

    # What is told; the caller sees to it that nothing comes late.

    def put_agent(self, view: AgentView) -> None:
        before = self.agents.get(view.id)
        self.agents[view.id] = view
        for item_id, taken in list(self.taken.items()):
            told = len(view.holding) >= sum(view.load.values())
            still = told and item_id not in view.holding and self.offered.get(item_id) == view.id
            if taken.agent_id == view.id and before and view.version > before.version and not still:
                del self.taken[item_id]
        for queue, taken_before in before.turns.items() if before else ():
            if view.turns.get(queue, 0) < taken_before:
                self._forget_turns(queue)

    def _forget_turns(self, queue: str) -> None:
        most = max(self.taken_turns(agent, queue) for agent in self.agents.values())
        for agent in self.agents.values():
            lag = most - self.taken_turns(agent, queue)
            self.forgiven[agent.id, queue] = min(lag, self.forgiven.get((agent.id, queue), 0))

    def drop_agent(self, agent_id: str) -> None:
        self.agents.pop(agent_id, None)
        self.taken = {item_id: taken for item_id, taken in self.taken.items() if taken.agent_id != agent_id}

    def put_item(self, item: Item) -> None:
        if self.offered.get(item.id) and self.items[item.id].queue == item.queue != self.known[item.id].queue:
            self.items[item.id] = self.known[item.id] = item
            return
        if self.offered.pop(item.id, ""):
            self._take_back(item.id)
        self.items[item.id] = self.known[item.id] = item

    def drop_item(self, item_id: str) -> None:
        self.items.pop(item_id, None)
        self.offered.pop(item_id, None)

    def release(self, item_id: str) -> None:
        if item_id in self.taken or item_id in self.offered:
            self._take_back(item_id)
            self.offered.pop(item_id, None)
        elif item_id in self.items:
            self.items[item_id] = self.known[item_id]

    def _take_back(self, item_id: str) -> None:
        taken = self.taken.pop(item_id, None)
        if taken and taken.forgiven:
            key = (taken.agent_id, taken.queue)
            self.forgiven[key] = max(0, self.forgiven.get(key, 0) - taken.forgiven)

    def policy(self, queue: str) -> QueuePolicy:
        return self.policies.get(queue) or QueuePolicy()

    # Order

    def key(self, item: Item, now: float) -> tuple[float, float, float, str]:
        policy = self.policy(item.queue)
        points = float(policy.priority)
        if policy.order == "priority_ageing":
            points += item.priority + policy.tiers.get(item.tier, 0)
        place = policy.ageing / 60.0 * item.queued_at - points
        return (place - policy.ageing / 60.0 * now, place, item.queued_at, item.id)

    def waiting(self, now: float, queue: str | None = None) -> list[Item]:
        """All that waits, the most urgent first."""
        found = [
            item
            for item in self.items.values()
            if item.id not in self.offered and item.not_before <= now and queue in (None, item.queue)
        ]
        return sorted(found, key=lambda item: self.key(item, now)[0 if queue is None else 1 :])

    def position(self, item_id: str, now: float) -> int | None:
        item = self.items.get(item_id)
        line = [each.id for each in self.waiting(now, item.queue)] if item else []
        return line.index(item_id) + 1 if item_id in line else None

    # Who can

    def load(self, agent: AgentView) -> dict[str, int]:
        load = {medium: number for medium, number in agent.load.items() if number}
        for taken in self.taken.values():
            if taken.agent_id == agent.id:
                load[taken.medium] = load.get(taken.medium, 0) + 1
        return load

    def ring(self, item: Item, now: float) -> int:
        return sum(1 for ring in self.policy(item.queue).rings if now >= item.entered_at + ring.after)

    def needs(self, item: Item, ring: int) -> tuple[list[Skills], str]:
        """Skills, any one set of which will do, and the rule for the language."""
        policy = self.policy(item.queue)
        queue, own, language = dict(policy.required), dict(item.required), policy.language
        others: list[Skills] = []
        for each in policy.rings[:ring]:
            queue = dict(each.required) if each.required is not None else queue
            queue = {skill: max(1, level - each.lower) for skill, level in queue.items()}
            own = {skill: max(1, level - each.lower) for skill, level in own.items()}
            others += [dict(self.policies[name].required) for name in each.queues if name in self.policies]
            language = each.language or language
        return [
            {skill: max(own.get(skill, 1), one.get(skill, 1)) for skill in {**one, **own}}
            for one in [queue, *others]
        ], language

    def refusal(self, agent: AgentView, item: Item, ring: int, now: float) -> str:
        """Why the agent cannot be offered the item; '' if they can."""
        if item.wanted:
            if agent.id != item.wanted:
                return "not_wanted"
        else:
            sets, language = self.needs(item, ring)
            if not any(all(agent.skills.get(s, 0) >= n for s, n in each.items()) for each in sets):
                return "lacks_skill"
            if language == "required" and not speaks(agent, item.language):
                return "lacks_language"
        if agent.presence != AVAILABLE:
            return agent.presence
        if item.passed.get(agent.id, 0) > now:
            return "declined"
        return "" if fits(agent.capacity, self.load(agent), item.kind) else "busy"

    def preferred(self, item: Item) -> Iterator[tuple[str, str]]:
        """Agents on duty whom the queue's strategies prefer for this item."""
        strategies = self.policy(item.queue).strategy
        if item.owner_first and "owner_first" not in strategies:
            strategies = ("owner_first", *strategies)
        for strategy in strategies:
            if strategy == "owner_first":
                for owner in item.owners:
                    seen: list[str] = []
                    while owner in self.agents and owner not in seen:
                        seen.append(owner)
                        if self.agents[owner].presence == AVAILABLE:
                            yield owner, strategy
                            break
                        owner = self.agents[owner].stand_in
            last = self.agents.get(item.last_agent)
            if strategy == "last_agent" and last and last.presence == AVAILABLE:
                yield last.id, strategy

    # Who is best

    def points(self, agent: AgentView, item: Item, ring: int) -> int:
        found = 0
        for preferred in (self.policy(item.queue).preferred, item.preferred):
            found += sum(weight * agent.skills.get(skill, 0) for skill, weight in preferred.items())
        if item.language and self.needs(item, ring)[1] == "preferred" and speaks(agent, item.language):
            found += LANGUAGE_POINTS
        return found

    def taken_turns(self, agent: AgentView, queue: str) -> int:
        under_way = sum(1 for t in self.taken.values() if t.agent_id == agent.id and t.queue == queue)
        return agent.turns.get(queue, 0) + under_way

    def turns(self, agent: AgentView, queue: str) -> int:
        return self.taken_turns(agent, queue) + self.forgiven.get((agent.id, queue), 0)

    def score(self, agent: AgentView, item: Item, ring: int, now: float) -> float:
        load = self.load(agent)
        held = sum(load.values())
        policy = self.policy(item.queue)
        strategy = policy.strategy[-1]
        if strategy == "longest_idle":
            return -held if held else max(0.0, now - agent.idle_since)
        if strategy == "least_loaded":
            shares = [
                held / sum(most.values())
                for most in agent.capacity
                if sum(most.values()) and all(most.get(m, 0) >= n for m, n in load.items())
            ]
            return 1 - min(shares, default=1.0)
        if strategy == "round_robin":
            return -self.turns(agent, item.queue)
        assert strategy == "most_skilled"
        required = policy.required
        for each in policy.rings[:ring]:
            required = each.required if each.required is not None else required
        names = {*required, *item.required, *policy.preferred, *item.preferred}
        return sum(agent.skills.get(name, 0) for name in names)

    def rank(
        self, agent: AgentView, item: Item, ring: int, now: float
    ) -> tuple[float, ...] | tuple[object, ...]:
        held = sum(self.load(agent).values())
        return (
            -self.points(agent, item, ring),
            -self.score(agent, item, ring, now),
            held,
            agent.idle_since,
            agent.id,
        )

    # What to do

    def decide(self, now: float) -> list[Choice | Move]:
        found: list[Choice | Move] = []
        for round_number in range(len(self.policies) + 2):
            able: dict[str, list[AgentView]] = {}
            for item in self.waiting(now):
                if item.kind not in able:
                    able[item.kind] = self.able(item.kind)
                choice = self.choose(item, able[item.kind], now)
                if choice:
                    found.append(choice)
                    self._take(item, choice.agent_id)
                    able.clear()
            moves = self.moves(now) if round_number <= len(self.policies) else []
            for move in moves:
                item = self.items[move.item_id]
                self.items[item.id] = msgspec.structs.replace(item, queue=move.to, entered_at=now)
            found += moves
            if not moves:
                break
        return found

    def choose(self, item: Item, able: list[AgentView], now: float) -> Choice | None:
        """Who gets the item, out of the agents with room for it; None if it has to wait."""
        if not able:
            return None
        ring = 0 if item.wanted else self.ring(item, now)
        reasons = {agent.id: self.refusal(agent, item, ring, now) for agent in able}
        could = [agent for agent in able if not reasons[agent.id]]
        if not could:
            return None
        named = {item.wanted: "wanted"} if item.wanted else self._named(item, ring, now)
        candidates: list[tuple[str, float, float]] = [
            (agent_id, 0.0, float(len(named) - number))
            for number, agent_id in enumerate(named)
            if reasons.get(agent_id) == ""
        ]
        if candidates:
            strategy = named[candidates[0][0]]
        else:
            busy = any(self._is_worth_waiting(agent_id, item, ring, now) for agent_id in named)
            if busy and now < item.entered_at + self.policy(item.queue).prefer_seconds:
                return None
            strategy = self.policy(item.queue).strategy[-1]
            could.sort(key=lambda agent: self.rank(agent, item, ring, now))
            candidates = [
                (agent.id, float(self.points(agent, item, ring)), float(self.score(agent, item, ring, now)))
                for agent in could
            ]
        all_reasons = {
            agent.id: self.refusal(agent, item, ring, now) or "waiting_for_owner"
            for agent in self.agents.values()
        }
        for agent_id, _, _ in candidates:
            del all_reasons[agent_id]
        return Choice(item.id, candidates[0][0], strategy, ring, tuple(candidates), all_reasons)

    def able(self, kind: str) -> list[AgentView]:
        """Agents with room for a kind of work: asked once for all work, so that the scan is bearable."""
        return [
            agent
            for agent in self.agents.values()
            if agent.presence == AVAILABLE and fits(agent.capacity, self.load(agent), kind)
        ]

    def _named(self, item: Item, ring: int, now: float) -> dict[str, str]:
        found: dict[str, str] = {}
        for agent_id, strategy in self.preferred(item):
            if self.refusal(self.agents[agent_id], item, ring, now) in ("", "busy", "declined"):
                found.setdefault(agent_id, strategy)
        return found

    def _is_worth_waiting(self, agent_id: str, item: Item, ring: int, now: float) -> bool:
        agent = self.agents.get(agent_id)
        return (
            agent is not None
            and self.refusal(agent, item, ring, now) == "busy"
            and fits(agent.capacity, {}, item.kind)
        )

    def _take(self, item: Item, agent_id: str) -> None:
        queue, forgiven = item.queue, 0
        if "round_robin" in self.policy(queue).strategy:
            front = max(self.turns(agent, queue) for agent in self.agents.values())
            forgiven = max(0, front - self.turns(self.agents[agent_id], queue) - MAKE_UP)
            self.forgiven[agent_id, queue] = self.forgiven.get((agent_id, queue), 0) + forgiven
        self.offered[item.id] = agent_id
        self.taken[item.id] = Taken(agent_id, MEDIUM[item.kind], queue, forgiven)

    def moves(self, now: float) -> list[Move]:
        found = []
        for queue in sorted({item.queue for item in self.items.values()}):
            rules = self.policy(queue).overflow
            for before, item in enumerate(self.waiting(now, queue) if rules else ()):
                rule = next((each for each in rules if self._overflows(item, each, before, now)), None)
                if rule is not None:
                    found.append(Move(item.id, rule.to, "waited" if rule.longer_than is None else "full"))
        return found

    def _overflows(self, item: Item, rule: Overflow, before: int, now: float) -> bool:
        if item.wanted or now < item.entered_at + rule.after:
            return False
        if rule.longer_than is not None and before <= rule.longer_than:
            return False
        there = msgspec.structs.replace(item, queue=rule.to, entered_at=now, passed={})
        return not rule.only_if_staffed or any(
            self.refusal(agent, there, self.ring(there, now), now) in ("", "busy")
            and fits(agent.capacity, {}, item.kind)
            for agent in self.agents.values()
        )


def speaks(agent: AgentView, language: str) -> bool:
    """No languages are all languages; without a region any region will do."""
    if not agent.languages or not language:
        return True
    return any(
        one == language or one == language.partition("-")[0] or language == one.partition("-")[0]
        for one in agent.languages
    )
