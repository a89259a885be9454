"""Small days that can be followed by hand."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.agent import AVAILABLE, BREAK, OFFLINE
from contact_center.routing.model import Overflow, QueuePolicy, Ring
from contact_center.simulation.distributions import Constant, Uniform
from contact_center.simulation.engine import Simulation, simulate
from contact_center.simulation.figures import Report, report_of
from contact_center.simulation.plan import Arrival, Manners, Plan, Worker
from tests.simulation.making import AT_ONCE, BEGIN, DECLINES, MISSES, call, known, plan, worker

RINGING = QueuePolicy(offer_seconds=20.0, pass_seconds=120.0, wrap_up_seconds=30.0)


def report(*args: object, **fields: object) -> Report:
    return report_of(simulate(plan(*args, **fields)))  # type: ignore[arg-type]


def waits(plan_: Plan, queue: str = "q") -> list[float]:
    return [round(wait, 3) for wait in simulate(plan_).queues[queue].waits]


def test_calls_are_answered_in_turn() -> None:
    day = plan([call(0), call(10), call(20, 5.0)], [worker("a")])
    assert waits(day) == [0.0, 50.0, 100.0]


def test_the_patience_of_a_caller_ends_the_wait() -> None:
    found = report([call(0), call(10, patience=30.0), call(20)], [worker("a")])
    assert (found.overall.answered, found.overall.abandoned, found.overall.left_after) == (2, 1, 30)
    assert found.overall.longest == pytest.approx(40)


def test_whoever_is_answered_does_not_leave() -> None:
    assert report([call(0, 600.0, patience=30.0)], [worker("a")]).overall.abandoned == 0


def test_wrap_up_keeps_the_agent_busy_up_to_the_queues_limit() -> None:
    policies = {"q": msgspec.structs.replace(AT_ONCE, wrap_up_seconds=30.0)}
    assert waits(plan([call(0, wrap_up=20.0), call(0)], [worker("a")], policies)) == [0, 80]
    assert waits(plan([call(0, wrap_up=300.0), call(0)], [worker("a")], policies)) == [0, 90]
    endless = {"q": msgspec.structs.replace(AT_ONCE, wrap_up_seconds=0.0)}
    assert waits(plan([call(0, wrap_up=300.0), call(0)], [worker("a")], endless)) == [0, 360]


def test_a_quick_agent_needs_less_time() -> None:
    assert waits(plan([call(0), call(0)], [worker("a", speed=1.25)])) == [0, 48]


def test_an_offer_that_is_not_answered_goes_to_another_and_the_agent_stays_away() -> None:
    workers = [
        worker("a", manners=Manners(missed=1.0, away=Constant(300.0))),
        worker("b", (5, AVAILABLE), manners=Manners(seconds=Constant(2.0))),
    ]
    tally = simulate(plan([call(0)], workers, {"q": RINGING}))
    found = report_of(tally)
    assert list(tally.queues["q"].waits) == pytest.approx([22.0])
    assert (found.overall.offers, found.overall.expired) == (2, 1)
    assert found.groups["all"].away_hours == pytest.approx(300 / 3600)


def test_ringing_counts_as_busy() -> None:
    busy = report([call(0, 0.0)], [worker("a", manners=MISSES)], {"q": RINGING}, end=20.0).groups["all"]
    assert busy.busy_hours == pytest.approx(20 / 3600)


def test_too_slow_an_answer_is_none() -> None:
    found = report(
        [call(0, patience=50.0)], [worker("a", manners=Manners(seconds=Constant(21.0)))], {"q": RINGING}
    )
    assert (found.overall.expired, found.overall.abandoned) == (1, 1)


def test_who_declines_is_passed_over_for_a_while() -> None:
    tally = simulate(plan([call(0, patience=200.0)], [worker("a", manners=DECLINES)], {"q": RINGING}))
    found = report_of(tally)
    assert (found.overall.offers, found.overall.declined, found.overall.abandoned) == (2, 2, 1)


def test_a_caller_who_leaves_while_it_rings_revokes_the_offer() -> None:
    slow = Manners(seconds=Constant(15.0))
    tally = simulate(plan([call(0, patience=10.0), call(1)], [worker("a", manners=slow)], {"q": RINGING}))
    assert report_of(tally).overall.revoked == 1
    assert list(tally.queues["q"].waits) == pytest.approx([24.0])


def test_shifts_and_breaks() -> None:
    agent = worker("a", (0, AVAILABLE), (100, BREAK), (400, AVAILABLE), (1000, OFFLINE))
    tally = simulate(plan([call(90), call(120), call(1001)], [agent]))
    found = report_of(tally)
    assert list(tally.queues["q"].waits) == pytest.approx([0, 280])
    assert found.overall.unserved == 1
    # 100 s, then 50 s of a call that lasts into the break, then 600 s
    assert found.groups["all"].duty_hours == pytest.approx(750 / 3600)
    assert found.groups["all"].busy_hours == pytest.approx(120 / 3600)


def test_who_does_not_respond_at_the_end_of_the_shift_is_gone() -> None:
    agent = worker("a", (0, AVAILABLE), (30, OFFLINE), manners=MISSES)
    simulation = Simulation(plan([call(0, patience=200.0)], [agent], {"q": RINGING}))
    simulation.run()
    assert simulation._desks["a"].state.presence == OFFLINE


def test_overflow_moves_to_another_queue_and_counts_where_it_came() -> None:
    policies = {
        "q": msgspec.structs.replace(AT_ONCE, required={"x": 1}, overflow=(Overflow(to="r", after=30.0),)),
        "r": AT_ONCE,
    }
    found = report([call(0)], [worker("a")], policies)
    assert found.moves == {"q > r": 1}
    assert (found.queues["q"].moved, found.queues["q"].answered, found.queues["q"].asa) == (1, 1, 30)
    assert found.queues["r"].came == 0


def test_rings_widen_when_their_time_has_come() -> None:
    policies = {"q": msgspec.structs.replace(AT_ONCE, required={"x": 5}, rings=(Ring(after=45.0, lower=3),))}
    assert waits(plan([call(0)], [worker("a", skills={"x": 2})], policies)) == [45.0]


def test_a_transfer_waits_again_in_the_other_queue_with_its_old_place() -> None:
    policies = {"q": AT_ONCE, "r": msgspec.structs.replace(AT_ONCE, required={"x": 1})}
    day = plan(
        [call(0, 100.0, then="r", then_handling=10.0), call(50, queue="r"), call(60, queue="r")],
        [worker("a"), worker("b", skills={"x": 1})],
        policies,
    )
    tally = simulate(day)
    found = report_of(tally)
    assert found.queues["q"].transferred == 1
    # 50: at once until 110; the transferred one came at 100 and is older than that of 60: 110; then 120
    assert sorted(tally.queues["r"].waits) == pytest.approx([0, 10, 60])


def test_the_last_agent_is_remembered() -> None:
    policies = {"q": msgspec.structs.replace(AT_ONCE, strategy=("last_agent", "longest_idle"))}
    calls = [call(0, 10.0, customer="c"), call(5, 1.0), call(100, 10.0, customer="c")]
    simulation = Simulation(plan(calls, [worker("a"), worker("b")], policies))
    simulation.run()
    assert simulation.tally.queues["q"].waits.tolist() == [0, 0, 0]
    assert simulation._desks["b"].state.idle_since.timestamp() == BEGIN + 6


def test_several_chats_at_a_time() -> None:
    chats = [call(at, 100.0, kind="chat") for at in (0, 1, 2, 3)]
    day = plan(chats, [worker("a", capacity=({"chat": 3},))])
    assert waits(day) == [0, 0, 0, 97]


def test_the_warm_up_is_not_measured() -> None:
    found = report([call(0), call(50)], [worker("a")], warm_up=40.0)
    assert (found.overall.came, found.overall.asa) == (1, 10)
    assert found.groups["all"].busy_hours == pytest.approx((20 + 60) / 3600)


def test_the_end_of_arrivals_is_not_the_end_of_the_day() -> None:
    found = report([call(0)], [worker("a", (0, AVAILABLE), (1800, OFFLINE))])
    assert found.groups["all"].duty_hours == pytest.approx(0.5)


def test_intervals_add_up() -> None:
    found = report([call(at, 300.0) for at in range(0, 7200, 250)], [worker("a"), worker("b")], end=7200.0)
    assert sum(interval.came or 0 for interval in found.intervals) == found.overall.came
    hours = sum(interval.on_duty or 0 for interval in found.intervals) * 0.25
    assert hours == pytest.approx(found.groups["all"].duty_hours)
    busy = sum(interval.busy or 0 for interval in found.intervals) * 0.25
    assert busy == pytest.approx(found.groups["all"].busy_hours)


# --- whatever happens -----------------------------------------------------------------------------

seconds = st.floats(0.0, 600.0)
callers = st.lists(
    st.builds(
        call,
        st.floats(0.0, 1800.0),
        st.floats(0.0, 400.0),
        queue=st.sampled_from(("q", "r")),
        kind=st.sampled_from(("call", "chat")),
        patience=st.sampled_from((5.0, 40.0, 300.0)),
        wrap_up=st.sampled_from((0.0, 20.0)),
        then=st.sampled_from(("", "", "r")),
        then_handling=st.just(30.0),
        tier=st.sampled_from(("", "key")),
    ),
    max_size=40,
)
manners = st.builds(
    Manners,
    seconds=st.just(Uniform(0.0, 25.0)),
    declined=st.sampled_from((0.0, 0.3)),
    missed=st.sampled_from((0.0, 0.3)),
    away=st.just(Constant(40.0)),
)
rosters = st.sampled_from(
    (((0.0, AVAILABLE),), ((0.0, AVAILABLE), (500.0, BREAK), (700.0, AVAILABLE), (1500.0, OFFLINE)))
)


@st.composite
def teams(draw: st.DrawFn) -> list[Worker]:
    return [
        worker(
            f"a{number}",
            *draw(rosters),
            skills=draw(st.sampled_from(({}, {"x": 2}, {"x": 5}))),
            capacity=draw(st.sampled_from((({"call": 1},), ({"call": 1}, {"chat": 2})))),
            manners=draw(manners),
        )
        for number in range(draw(st.integers(1, 4)))
    ]


POLICIES = {
    "q": QueuePolicy(
        strategy=("last_agent", "round_robin"), overflow=(Overflow(to="r", after=60.0),), prefer_seconds=10.0
    ),
    "r": QueuePolicy(strategy=("most_skilled",), required={"x": 4}, rings=(Ring(after=20.0, lower=3),)),
}


class Watched(Simulation):
    """Checks after every event what must always hold."""

    def check(self) -> None:
        held = {}
        for desk in self._desks.values():
            for work_id, holding in desk.state.holding.items():
                assert work_id not in held, "two agents hold one contact"
                held[work_id] = holding
                assert self._cases[work_id].work.agent_id == desk.worker.id
            load = desk.view.load
            capacity = desk.worker.capacity
            assert not load or any(all(most.get(m, 0) >= n for m, n in load.items()) for most in capacity)
        with_agent = {name for name, case in self._cases.items() if case.work.state != "waiting"}
        assert with_agent == set(held)

    def _decide(self) -> None:
        super()._decide()
        self.check()


@given(callers, teams())
@settings(max_examples=60, deadline=None)
def test_nobody_is_lost_nor_held_by_two(arrivals: list[Arrival], workers: list[Worker]) -> None:
    ordered = sorted(arrivals, key=lambda arrival: arrival.at)
    found = report_of(Watched(plan(ordered, workers, POLICIES)).run())
    for queue in (found.overall, *found.queues.values()):
        assert queue.came == known(queue.answered) + known(queue.abandoned) + known(queue.unserved)
        assert known(queue.answered) <= known(queue.offers)
    for group in found.groups.values():
        assert 0 <= known(group.busy_hours) <= known(group.duty_hours) + 1e-9


@given(callers, teams())
@settings(max_examples=20, deadline=None)
def test_the_same_plan_gives_the_same_figures(arrivals: list[Arrival], workers: list[Worker]) -> None:
    ordered = sorted(arrivals, key=lambda arrival: arrival.at)
    assert report(ordered, workers, POLICIES) == report(ordered, workers, POLICIES)


def test_arrivals_are_asked_for_one_by_one() -> None:
    def endless() -> Iterator[Arrival]:
        at = 0.0
        while at < 100:
            yield call(at)
            at += 30

    day = msgspec.structs.replace(plan([], [worker("a"), worker("b")]), arrivals=endless)
    assert waits(day) == [0, 0, 0, 0]
