"""A contact centre in virtual time: the real router and the real state machines, driven by a list of events.

Nothing waits: the clock jumps from event to event. Each step changes contacts and agents through
`contact_center.work` and `contact_center.agent`, tells the router, asks it for decisions and carries them out
as the dispatcher does after its commit.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from contact_center import agent as agents
from contact_center import work as works
from contact_center.routing.model import Offer, QueuePolicy
from contact_center.routing.router import Router
from contact_center.simulation.case import Case, Desk, instant, replace
from contact_center.simulation.plan import NEVER, Plan
from contact_center.simulation.tally import Tally

LONGEST_END: Final = 86_400.0
"""How long after the end a simulation goes on, at most, for those who still wait."""

_AT_ONCE: Final = timedelta(0)


def simulate(plan: Plan) -> Tally:
    """Run a plan to its end and count what happened."""
    return Simulation(plan).run()


class Simulation:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tally = Tally(plan)
        self.now = plan.begin
        self.at = instant(plan.begin)
        self._router = Router(dict(plan.policies))
        self._desks = {
            worker.id: Desk(worker, plan.begin, plan.streams(f"agent {worker.id}")) for worker in plan.workers
        }
        self._cases: dict[str, Case] = {}
        self._served_last: dict[str, str] = {}
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._planned = 0
        self._numbers = 0
        self._timer = NEVER
        self._arrivals = plan.arrivals()

    def run(self) -> Tally:
        """All events in order, until nobody waits and nobody comes any more."""
        for desk in self._desks.values():
            self._router.put_agent(desk.view)
            for at, presence in desk.worker.presences:
                self._plan(at, self._roster, desk, presence)
        self._next_arrival()
        last = self.plan.end + LONGEST_END
        while self._events and (self._cases or self._events[0][0] <= self.plan.end):
            now, _, step, given = heapq.heappop(self._events)
            if now > last:
                break
            if now > self.now:
                self.now = now
                self.at = instant(now)
            step(*given)
        self.now = max(self.now, self.plan.end)
        for desk in self._desks.values():
            self.tally.worked(desk, self.now)
        for case in self._cases.values():
            if case.work.state in (works.WAITING, works.OFFERED):
                self.tally.unserved(case)
        return self.tally

    def _plan(self, at: float, step: Callable[..., None], *given: Any) -> None:
        self._planned += 1
        heapq.heappush(self._events, (at, self._planned, step, given))

    # --- contacts ---------------------------------------------------------------------------------

    def _next_arrival(self) -> None:
        arrival = next(self._arrivals, None)
        if arrival is not None:
            self._plan(arrival.at, self._arrive, arrival)

    def _arrive(self, arrival: Any) -> None:
        self._numbers += 1
        if arrival.customer and arrival.customer in self._served_last:
            arrival = replace(arrival, last_agent=self._served_last[arrival.customer])
        case = Case(self._numbers, arrival, self.at)
        self._cases[case.work.id] = case
        self._wait(case)
        self._next_arrival()
        self._decide()

    def _wait(self, case: Case) -> None:
        """It begins to wait."""
        self.tally.came(case)
        patience = case.arrival.then_patience if case.answered else case.arrival.patience
        if patience < NEVER:
            self._plan(self.now + patience, self._lose_patience, case, case.answered)
        self._router.put_item(case.item())

    def _lose_patience(self, case: Case, answered: int) -> None:
        if case.answered != answered or case.work.state not in (works.WAITING, works.OFFERED):
            return
        self.tally.abandoned(case, self.now)
        if case.work.state == works.OFFERED:
            self.tally.step(case, "revoked")
            desk = self._desk_of(case)
            self._change(desk, agents.release(desk.state, case.work.id, self.at))
        self._end(case, "abandoned")
        self._decide()

    def _end(self, case: Case, outcome: str) -> None:
        case.change(works.done(self.at, outcome))
        self._router.drop_item(case.work.id)
        del self._cases[case.work.id]

    # --- decisions --------------------------------------------------------------------------------

    def _decide(self) -> None:
        """Carry out what the router proposes, and look again when it says that time alone changes
        something."""
        router = self._router
        at: float | None = self.now
        while at is not None and at <= self.now:
            for proposal in router.decide(self.now):
                case = self._cases[proposal.item_id]
                if isinstance(proposal, Offer):
                    self._offer(case, self._desks[proposal.agent_id])
                else:
                    self._move(case, proposal.to)
            at = router.next_at(self.now)
        if at is not None and at < self._timer:
            self._timer = at
            self._plan(at, self._time_passed)

    def _time_passed(self) -> None:
        self._timer = NEVER
        self._decide()

    def _move(self, case: Case, to: str) -> None:
        self.tally.moved(case, to)
        case.change(works.moved(to, self.at))
        self._router.put_item(case.item())

    def _offer(self, case: Case, desk: Desk) -> None:
        """Ask the agent, and plan what they will do."""
        work = case.work
        self.tally.step(case, "offers")
        case.change(works.offered(desk.worker.id, f"o{self._planned}"))
        policy = self._policy(case)
        if "round_robin" in policy.strategy:
            desk.take_turn(work.queue)
        self._change(desk, agents.take(desk.state, work.id, work.kind, self.at))
        self._router.drop_item(work.id)
        if policy.auto_accept:
            self._accept(case, case.turn)
            return
        manners, limit = desk.worker.manners, policy.offer_seconds
        chance, seconds = desk.random.random(), manners.seconds.draw(desk.random)
        if chance < manners.missed or seconds > limit:
            self._plan(self.now + limit, self._expire, case, case.turn)
        elif chance < manners.missed + manners.declined:
            self._plan(self.now + seconds, self._decline, case, case.turn)
        else:
            self._plan(self.now + seconds, self._accept, case, case.turn)

    def _policy(self, case: Case) -> QueuePolicy:
        return self.plan.policies[case.work.queue]

    # --- offers -----------------------------------------------------------------------------------

    def _accept(self, case: Case, turn: int) -> None:
        if case.turn != turn:
            return
        desk = self._desk_of(case)
        self.tally.answered(case, self.now)
        case.answered += 1
        case.change(works.accepted(self.at, connects=False, limit=_AT_ONCE))
        self._stage(desk, agents.move(desk.state, case.work.id, agents.ACTIVE, self.at))
        again = case.answered > 1
        seconds = case.arrival.then_handling if again else case.arrival.handling
        self._plan(self.now + seconds / desk.worker.speed, self._talked, case)

    def _decline(self, case: Case, turn: int) -> None:
        if case.turn == turn:
            self.tally.step(case, "declined")
            desk = self._back_in_line(case)
            self._router.put_agent(desk.view)
            self._decide()

    def _expire(self, case: Case, turn: int) -> None:
        if case.turn != turn:
            return
        self.tally.step(case, "expired")
        desk = self._back_in_line(case)
        self._change(desk, agents.go(desk.state, agents.NOT_RESPONDING, "missed", self.at))
        away = desk.worker.manners.away.draw(desk.random)
        self._plan(self.now + away, self._return, desk)
        self._decide()

    def _back_in_line(self, case: Case) -> Desk:
        """Nobody took it: it has its old place again, but for a while not with this agent."""
        desk = self._desk_of(case)
        self.tally.worked(desk, self.now)
        desk.change(agents.release(desk.state, case.work.id, self.at))
        passing = timedelta(seconds=self._policy(case).pass_seconds)
        case.change(works.back_in_line(case.work, self.at, passing=passing))
        self._router.put_item(case.item())
        return desk

    # --- conversations ----------------------------------------------------------------------------

    def _talked(self, case: Case) -> None:
        """The conversation is over."""
        desk = self._desk_of(case)
        if case.arrival.then and case.answered == 1:
            self._transfer(case, desk)
            return
        limit = self._policy(case).wrap_up_seconds
        seconds = case.arrival.wrap_up / desk.worker.speed
        case.change(works.wrapping_up(self.at, self._policy(case).wrap_up_limit))
        if not seconds:
            self._done(case)
            return
        self._stage(desk, agents.move(desk.state, case.work.id, agents.WRAP_UP, self.at))
        self._plan(self.now + (min(seconds, limit) if limit else seconds), self._done, case)

    def _transfer(self, case: Case, desk: Desk) -> None:
        """To another queue, its place in line kept; the agent is free."""
        self.tally.step(case, "transferred")
        self.tally.handled(desk, case)
        self._change(desk, agents.release(desk.state, case.work.id, self.at))
        to = case.arrival.then
        case.change(works.back_in_line(case.work, self.at) | works.moved(to, self.at))
        case.entered_queue, case.in_line_since = to, self.now
        self._wait(case)
        self._decide()

    def _done(self, case: Case) -> None:
        desk = self._desk_of(case)
        self.tally.handled(desk, case)
        if case.arrival.customer:
            self._served_last[case.arrival.customer] = desk.worker.id
        self._change(desk, agents.release(desk.state, case.work.id, self.at))
        self._end(case, "handled")
        self._decide()

    # --- agents -----------------------------------------------------------------------------------

    def _desk_of(self, case: Case) -> Desk:
        assert case.work.agent_id is not None
        return self._desks[case.work.agent_id]

    def _change(self, desk: Desk, changes: agents.Changes) -> None:
        """The agent is otherwise than before, and the router hears of it."""
        self.tally.worked(desk, self.now)
        desk.change(changes)
        self._router.put_agent(desk.view)

    def _stage(self, desk: Desk, changes: agents.Changes) -> None:
        """What the agent holds goes on; to the router that is all the same."""
        desk.state = agents.changed(desk.state, changes)

    def _roster(self, desk: Desk, presence: str) -> None:
        """The roster wants another presence. Who does not respond stays away, unless the shift is over."""
        desk.roster = presence
        if desk.state.presence == agents.NOT_RESPONDING and presence == agents.AVAILABLE:
            return
        self._go(desk, presence)

    def _return(self, desk: Desk) -> None:
        """An agent who did not answer is back, if the roster still wants them."""
        self._go(desk, desk.roster)

    def _go(self, desk: Desk, presence: str) -> None:
        reason = "break" if presence == agents.BREAK else ""
        self._change(desk, agents.go(desk.state, presence, reason, self.at))
        self._decide()
