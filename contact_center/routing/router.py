"""The router: agents and work in, offers out. No I/O, no clock, no chance: the same calls give the same
answers.

It is told what has been committed (`put_agent`, `put_item`, ...) and asked what to do (`decide`). What it
proposes it takes for done at once, so that nothing is proposed twice while a commit is on its way; the
committed truth, or `release` for a proposal that failed, puts it right.

The rules: work goes in the order of its urgency, and each to the best of the agents who can have it
(docs/routing.md). After each decision no waiting work is left that an agent could have; so the next one
begins only with what has changed since: work that came, agents who became free, and what time has brought.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from contact_center.routing.choosing import Picked, choose, explained
from contact_center.routing.lines import Lines
from contact_center.routing.matching import Round
from contact_center.routing.model import AgentView, Item, Move, Offer, Proposal, QueuePolicy, Why
from contact_center.routing.overflow import Overflowing
from contact_center.routing.pool import Pool, Shift
from contact_center.routing.standing import Standing, standing
from contact_center.routing.strategies.round_robin import RoundRobin
from contact_center.routing.tombstones import Tombstones
from contact_center.routing.waiting import Waiting


class Router:
    """Decides who is offered what. All times are seconds since the epoch."""

    def __init__(self, policies: Mapping[str, QueuePolicy]) -> None:
        self._pool = Pool()
        self._lines = Lines(policies, self._pool)
        self._overflowing = Overflowing(self._lines)
        self._gone_agents, self._gone_items = Tombstones(), Tombstones()
        self._offers: dict[str, str] = {}
        self._freed: dict[str, None] = {}
        self._go_round(policies)

    def set_policies(self, policies: Mapping[str, QueuePolicy]) -> None:
        """Other rules from now on; all that waits finds its place anew. The same rules change nothing."""
        if policies == self._policies:
            return
        for work in self._lines.works.values():
            self._overflowing.forget(work)
        self._lines.change_policies(policies)
        self._go_round(policies)

    def _go_round(self, policies: Mapping[str, QueuePolicy]) -> None:
        self._policies = dict(policies)
        self._pool.go_round({name for name, each in policies.items() if RoundRobin.name in each.strategy})

    # What has been committed

    def put_agent(self, view: AgentView) -> None:
        """An agent as committed. An older version than the known one is ignored.

        A newer one replaces what was assumed of the agent's load, except offers still on their way where
        ``holding`` shows that they are not in ``load`` yet. The same version may change what is not in the
        row (skills, turns).
        """
        member = self._pool.members.get(view.id)
        if member is None:
            if self._gone_agents.is_late(view.id, view.version):
                return
            self._gone_agents.rise(view.id)
            in_flight: frozenset[str] = frozenset()
        else:
            if view.version < member.view.version or view == member.view:
                return
            in_flight = frozenset(member.assumed)
            if view.version > member.view.version:
                in_flight = self._still_in_flight(in_flight, view)
                for item_id in member.assumed:
                    if item_id not in in_flight and self._offers.get(item_id) == view.id:
                        del self._offers[item_id]
        self._shifted(view.id, self._pool.put(view, in_flight=in_flight))

    def _still_in_flight(self, assumed: frozenset[str], view: AgentView) -> frozenset[str]:
        if len(view.holding) < sum(view.load.values()):
            return frozenset()
        works = self._lines.works
        return frozenset(
            item_id
            for item_id in assumed
            if item_id not in view.holding and item_id in works and works[item_id].offered_to == view.id
        )

    def _shifted(self, agent_id: str, shift: Shift) -> None:
        if shift.gained:
            self._freed[agent_id] = None
        if shift.changed:
            self._lines.agent_changed(agent_id)
            self._overflowing.agent_changed(agent_id)

    def drop_agent(self, agent_id: str, version: int | None = None) -> None:
        """The agent is no more; ``version``: of the row when it went, if it is known."""
        member = self._pool.members.get(agent_id)
        self._gone_agents.bury(agent_id, member.view.version if member else 0, version)
        if member is not None:
            for item_id in member.assumed:
                self._offers.pop(item_id, None)
            self._pool.drop(agent_id)
            self._freed.pop(agent_id, None)
            self._lines.agent_changed(agent_id)

    def put_item(self, item: Item) -> None:
        """Work that waits, as committed. An older version than the known one is ignored, and so is the same
        one.

        A newer one waits, whatever was assumed; only an offer that was made together with a move stays, when
        this is the move's commit.
        """
        work = self._lines.works.get(item.id)
        if work is None:
            if self._gone_items.is_late(item.id, item.version):
                return
            self._gone_items.rise(item.id)
            self._lines.put(item)
            return
        if item.version < work.known.version or item == work.known:
            return
        if item.version == work.known.version and (work.offered_to or work.moved):
            return
        if work.offered_to and work.moved and item.queue == work.item.queue:
            work.known, work.moved = item, False
            work.be(item, work.queue)
            return
        self._take_back(item.id)
        self._overflowing.forget(work)
        self._lines.put(item)

    def drop_item(self, item_id: str, version: int | None = None) -> None:
        """Work that waits no more: offered, done, or left. ``version``: of the row when it did, if it is
        known.

        An agent who was being offered it counts as holding it until a newer view of the agent, or `release`.
        """
        work = self._lines.works.get(item_id)
        self._gone_items.bury(item_id, work.known.version if work else 0, version)
        if work is not None:
            self._overflowing.forget(work)
            self._lines.remove(item_id)

    def release(self, item_id: str, agent_id: str = "") -> None:
        """A proposal failed: the work waits again and the agent has room again. ``agent_id``: only an offer
        to this agent.

        Of a move and an offer made at once the offer is taken back first.
        """
        work = self._lines.works.get(item_id)
        offered_to = (work.offered_to if work else "") or self._offers.get(item_id, "")
        if offered_to and agent_id in ("", offered_to):
            self._take_back(item_id)
            if work is not None and work.offered_to == offered_to:
                work.offered_to, work.came = "", True
                self._lines.stand_again(work)
        elif work is not None and work.moved and not agent_id:
            self._overflowing.forget(work)
            self._lines.put(work.known)

    def _take_back(self, item_id: str) -> None:
        """The agent holds the work no more."""
        member = self._pool.members.get(self._offers.pop(item_id, ""))
        if member is not None and item_id in member.assumed and self._pool.take_back(member, item_id):
            self._freed[member.view.id] = None

    # What to do

    def decide(self, now: float) -> list[Proposal]:
        """Everything that can be done now, in the order in which it shall be done. All of it is assumed at
        once."""
        now = self._lines.settle(now)
        found: list[Proposal] = []
        seen = dict(self._lines.fresh)
        freed = self._pool.set_of(self._freed)
        for _ in range(self._lines.depth()):
            self._offer(now, freed, found)
            moves = self._overflowing.moves(now)
            if not moves:
                break
            for work, move in moves:
                self._move(work, move, now)
                found.append(move)
            self._lines.settle(now)
            seen.update(self._lines.fresh)
        else:
            self._offer(now, freed, found)
        for item_id in seen:
            work_seen = self._lines.works.get(item_id)
            if work_seen is not None:
                work_seen.came = work_seen.left = False
        return found

    def _offer(self, now: float, freed: int, found: list[Proposal]) -> None:
        members = self._pool.members
        matching = Round(self._lines, [members[agent_id] for agent_id in self._freed])
        self._freed = {}
        self._lines.fresh = {}
        while (head := matching.next()) is not None:
            work, takers = head
            trigger = _trigger(work, takers & freed)
            member, why = choose(self._lines, work, takers, trigger, now)
            self._overflowing.forget(work)
            self._lines.lift(work)
            work.offered_to = member.view.id
            self._offers[work.item.id] = member.view.id
            self._pool.assume(member, work.item.id, work.medium, work.queue.name)
            found.append(Offer(work.item.id, member.view.id, why))

    def _move(self, work: Waiting, move: Move, now: float) -> None:
        self._lines.stand_again(work)
        item = msgspec.structs.replace(work.item, queue=move.to, entered_at=now)
        work.be(item, self._lines.queue(move.to))
        work.moved = True

    def next_at(self, now: float) -> float | None:
        """The next instant at which time alone may change a decision; ``now`` when something waits for one
        already."""
        now = self._lines.settle(now)
        if self._freed or self._lines.waits_for_a_look():
            return now
        return self._lines.next_timer()

    # What people ask

    def length(self, queue: str) -> int:
        """How many wait in a queue. Who is being offered counts no more, and who waits for a later time not
        yet."""
        self._lines.settle(self._lines.now)
        return len(self._lines.queue(queue).line)

    def line(self, queue: str) -> tuple[str, ...]:
        """The ids of all that waits in a queue, the next first."""
        self._lines.settle(self._lines.now)
        return tuple(item_id for _, _, item_id in self._lines.queue(queue).line)

    def position(self, item_id: str, now: float) -> int | None:
        """The place in the queue's line, from 1; None for work that does not stand in it."""
        self._lines.settle(now)
        work = self._lines.works.get(item_id)
        if work is None or not work.in_line:
            return None
        return work.queue.line.rank(work.place) + 1

    def explain(self, item_id: str, now: float) -> Why | None:
        """Why nobody has work that waits: who is passed over and for which reason; None for work that does
        not wait.

        The trigger is empty, and candidates are named only before the decision that would offer it to them.
        """
        now = self._lines.settle(now)
        work = self._lines.works.get(item_id)
        if work is None or work.offered_to:
            return None
        could = self._lines.takers(work, now) if work.in_line else 0
        if could:
            return choose(self._lines, work, could, "", now)[1]
        strategy = "wanted" if work.item.wanted else work.queue.ranking.name
        if work.keepers and not work.item.wanted:
            strategy = dict(work.named)[work.keepers[0]]
        return explained(self._lines, work, 0, Picked("", strategy, []), now)

    def standing(self, item_id: str, now: float) -> Standing | None:
        """How work that waits stands, with every agent's reason and what comes next; None as in `explain`."""
        now = self._lines.settle(now)
        work = self._lines.works.get(item_id)
        return None if work is None or work.offered_to else standing(self._lines, work, now)


def _trigger(work: Waiting, freed: int) -> str:
    if work.came:
        return "work_came"
    if freed:
        return "agent_free"
    return "agent_left" if work.left else "time"
