"""A made-up centre that drives the router and the plain scan side by side and compares every answer.

The world is the truth, with versions as a database keeps them; both are told the same, in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from benchmarks.plain_scan import Choice, PlainScan
from contact_center.agent import MEDIUM, fits
from contact_center.routing.model import MOST_NAMED, AgentView, Item, Move, Offer, Proposal, QueuePolicy, Why
from contact_center.routing.router import Router
from contact_center.routing.telling import NEAREST


def agent(agent_id: str, **fields: Any) -> AgentView:
    return AgentView(**{"id": agent_id, "presence": "available", **fields})


def item(item_id: str, queue: str = "q", at: float = 0.0, **fields: Any) -> Item:
    return Item(
        **{"id": item_id, "kind": "call", "queue": queue, "queued_at": at, "entered_at": at, **fields}
    )


def offers(found: list[Proposal]) -> list[tuple[str, str]]:
    return [(each.item_id, each.agent_id) for each in found if isinstance(each, Offer)]


def same_why(why: Why, choice: Choice) -> None:
    """The router's reasons are those that the plain scan finds."""
    named = sorted(
        ((reason, who) for who, reason in choice.reasons.items()),
        key=lambda each: (NEAREST.index(each[0]), each[1]),
    )
    assert why.strategy == choice.strategy
    assert why.ring == choice.ring
    assert [(c.agent_id, c.preferred, c.score) for c in why.candidates] == list(
        choice.candidates[:MOST_NAMED]
    )
    assert why.score == choice.candidates[0][2]
    assert why.candidate_count == len(choice.candidates)
    assert [(each.reason, each.agent_id) for each in why.passed_over] == named[:MOST_NAMED]
    assert why.passed_over_counts == Counter(choice.reasons.values())


class World:
    """The truth, and what is on its way."""

    def __init__(self, policies: Mapping[str, QueuePolicy]) -> None:
        self.router = Router(policies)
        self.plain = PlainScan(policies)
        self.now = 0.0
        self.agents: dict[str, AgentView] = {}
        self.items: dict[str, Item] = {}
        self.holding: dict[str, dict[str, str]] = {}
        self.flying: list[Proposal] = []
        self.holder: dict[str, str] = {}
        self.version = 0

    def _next_version(self) -> int:
        self.version += 1
        return self.version

    # Events

    def put_agent(self, agent_id: str, **fields: Any) -> None:
        known = self.agents.get(agent_id)
        view = msgspec.structs.replace(known, **fields) if known else agent(agent_id, **fields)
        held = self.holding.setdefault(agent_id, {})
        view = msgspec.structs.replace(
            view, load=dict(Counter(held.values())), holding=tuple(held), version=self._next_version()
        )
        self.agents[agent_id] = view
        self.router.put_agent(view)
        self.plain.put_agent(view)

    def drop_agent(self, agent_id: str) -> None:
        gone = self.agents.pop(agent_id, None)
        if gone:
            self.holding.pop(agent_id)
            self.router.drop_agent(agent_id)
            self.plain.drop_agent(agent_id)

    def put_item(self, new: Item) -> None:
        new = msgspec.structs.replace(new, version=self._next_version())
        self.items[new.id] = new
        self.router.put_item(new)
        self.plain.put_item(new)

    def drop_item(self, item_id: str) -> None:
        if self.items.pop(item_id, None):
            self.router.drop_item(item_id)
            self.plain.drop_item(item_id)

    def finish(self, agent_id: str) -> None:
        """The agent is done with the oldest piece of work."""
        held = self.holding.get(agent_id)
        if held:
            self.holder.pop(next(iter(held)), None)
            del held[next(iter(held))]
            idle = {} if held else {"idle_since": self.now}
            self.put_agent(agent_id, **idle)

    def decide(self) -> list[Proposal]:
        """Both decide, and agree."""
        expected = self.plain.decide(self.now)
        found = self.router.decide(self.now)
        assert [_short(each) for each in found] == [_short(each) for each in expected]
        for each, choice in zip(found, expected, strict=True):
            if isinstance(each, Offer):
                assert isinstance(choice, Choice)
                same_why(each.why, choice)
        self.flying += found
        self._check(found)
        return found

    def land(self, *, works: bool, item_first: bool = True) -> None:
        """What was proposed first is committed, or fails."""
        if not self.flying:
            return
        proposal = self.flying.pop(0)
        known = self.items.get(proposal.item_id)
        if isinstance(proposal, Move):
            if works and known is not None and known.queue != proposal.to:
                self.put_item(msgspec.structs.replace(known, queue=proposal.to, entered_at=self.now))
            else:
                self._release(proposal.item_id)
            return
        view = self.agents.get(proposal.agent_id)
        if not works or known is None or view is None or not fits(view.capacity, view.load, known.kind):
            self._release(proposal.item_id)
            return
        self._commit(known, view, item_first=item_first)

    def _commit(self, known: Item, view: AgentView, *, item_first: bool) -> None:
        assert known.id not in self.holder, "offered to two agents"
        self.holder[known.id] = view.id
        self.holding[view.id][known.id] = MEDIUM[known.kind]
        turns = {**view.turns, known.queue: view.turns.get(known.queue, 0) + 1}
        if item_first:
            self.drop_item(known.id)
        self.put_agent(view.id, turns=turns)
        if not item_first:
            self.drop_item(known.id)

    def _release(self, item_id: str) -> None:
        self.router.release(item_id)
        self.plain.release(item_id)

    # What always holds

    def _check(self, found: list[Proposal]) -> None:
        offered = offers(found)
        assert len({item_id for item_id, _ in offered}) == len(offered), "offered twice"
        for item_id, agent_id in offered:
            view, kind = self.agents[agent_id], self.items[item_id].kind
            load = self.plain.load(view)
            before = {**load, MEDIUM[kind]: load[MEDIUM[kind]] - 1}
            assert fits(view.capacity, before, kind), "more than the agent's capacity"
        for item_id in self.items:
            assert self.router.position(item_id, self.now) == self.plain.position(item_id, self.now)


def _short(each: Proposal | Choice) -> tuple[str, ...]:
    if isinstance(each, Move):
        return ("move", each.item_id, each.to, each.reason)
    return ("offer", each.item_id, each.agent_id)
