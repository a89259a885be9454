"""The expected wait: by hand, as rules that hold for all input, and against simulated lines."""

from __future__ import annotations

import bisect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.routing.expected_wait import (
    NOBODY,
    USUAL_COUNT,
    USUAL_HANDLING,
    Handled,
    Staffing,
    expected_wait,
    handled,
)
from contact_center.routing.model import QueuePolicy
from contact_center.simulation.case import Case
from contact_center.simulation.distributions import Distribution, Exponential, Lognormal
from contact_center.simulation.engine import Simulation
from contact_center.simulation.scenario import Customers, Group, Scenario, Source, plan_of

MANY = Handled(10_000, 180.0, 180.0**2)


@pytest.mark.parametrize(
    ("position", "staffing", "patience", "seconds"),
    [
        (1, Staffing(10), None, 18.0),
        (5, Staffing(10), None, 90.0),
        (5, Staffing(10, shared=10), None, 180.0),  # half of the time of each
        (5, Staffing(10, shared=4, share=0.25), None, 5 * 180 / 7),
        (3, Staffing(10, free=2), None, 18.0),
        (2, Staffing(10, free=2), None, 0.0),
        (2, Staffing(10), 180.0, 18 + 1 / (10 / 180 + 1 / 180)),  # one of those before may leave
    ],
)
def test_by_hand(position: int, staffing: Staffing, patience: float | None, seconds: float) -> None:
    found = expected_wait(position, staffing, MANY, patience)
    assert found.seconds == pytest.approx(seconds, rel=0.002)


def test_nobody_on_duty_means_that_nobody_can_tell() -> None:
    assert expected_wait(1, Staffing(0), MANY) == NOBODY
    assert expected_wait(1, Staffing(3, shared=3, share=0.0), MANY) == NOBODY
    assert NOBODY.seconds is None
    assert NOBODY.sure == "none"


def test_without_data_the_usual_times_hold_and_nothing_is_sure() -> None:
    found = expected_wait(2, Staffing(4), Handled())
    assert found.seconds == pytest.approx(2 * USUAL_HANDLING / 4)
    assert found.sure == "low"


def test_a_few_times_seen_are_mixed_with_the_usual() -> None:
    seen = handled([60.0] * USUAL_COUNT)
    assert expected_wait(1, Staffing(1), seen).seconds == pytest.approx((60 + USUAL_HANDLING) / 2)


@pytest.mark.parametrize(
    ("position", "staffing", "seen", "sure"),
    [
        (2, Staffing(20), MANY, "high"),
        (2, Staffing(20), Handled(5, 180.0, 180.0**2), "low"),
        (2, Staffing(20), Handled(20, 180.0, 180.0**2), "medium"),
        (2, Staffing(20, shared=15), MANY, "medium"),
        (2, Staffing(1), Handled(100, 600.0, 1200.0**2), "low"),
        (1, Staffing(20, free=5), MANY, "high"),
    ],
)
def test_how_sure_it_is(position: int, staffing: Staffing, seen: Handled, sure: str) -> None:
    assert expected_wait(position, staffing, seen).sure == sure


def test_handled_sums_up() -> None:
    assert handled([]) == Handled()
    assert handled([100.0]) == Handled(1, 100.0, 10_000.0)
    assert handled([100.0, 200.0]) == Handled(2, 150.0, 5_000.0)


def test_a_position_counts_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        expected_wait(0, Staffing(1), MANY)


staffings = st.integers(1, 300).flatmap(
    lambda agents: st.builds(
        Staffing,
        st.just(agents),
        st.integers(0, agents),
        share=st.floats(0.05, 1.0),
        free=st.integers(0, agents),
    )
)
times = st.lists(st.floats(0.0, 7200.0), max_size=60).map(handled)
patiences = st.none() | st.floats(1.0, 3600.0)


@given(st.integers(1, 300), staffings, times, patiences)
def test_never_negative_and_in_order(
    position: int, staffing: Staffing, seen: Handled, patience: float | None
) -> None:
    found = expected_wait(position, staffing, seen, patience)
    assert found.seconds is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.seconds + 1e-6
    assert found.low <= found.high


@given(st.integers(1, 300), staffings, times, patiences)
def test_who_stands_further_back_waits_no_less(
    position: int, staffing: Staffing, seen: Handled, patience: float | None
) -> None:
    near = expected_wait(position, staffing, seen, patience)
    far = expected_wait(position + 1, staffing, seen, patience)
    assert near.seconds is not None
    assert far.seconds is not None
    assert far.seconds >= near.seconds


@given(st.integers(1, 100), st.integers(1, 50), times)
def test_more_agents_never_make_it_longer(position: int, agents: int, seen: Handled) -> None:
    few = expected_wait(position, Staffing(agents), seen).seconds
    more = expected_wait(position, Staffing(agents + 1), seen).seconds
    assert few is not None
    assert more is not None
    assert more <= few


# --- against the simulation -----------------------------------------------------------------------


class Announced(Simulation):
    """Tells everybody who comes the expected wait, and compares it with what became of it."""

    def __init__(self, scenario: Scenario, agents: int, seen: Handled) -> None:
        super().__init__(plan_of(scenario))
        self.agents, self.seen = agents, seen
        self.line: list[float] = []
        self.told: list[tuple[float, float, float, float]] = []
        self._said: dict[str, tuple[float, float, float]] = {}

    def _wait(self, case: Case) -> None:
        super()._wait(case)
        busy = sum(bool(desk.state.holding) for desk in self._desks.values())
        found = expected_wait(len(self.line) + 1, Staffing(self.agents, free=self.agents - busy), self.seen)
        if found.seconds and found.low is not None and found.high is not None:
            self._said[case.work.id] = found.seconds, found.low, found.high
        bisect.insort(self.line, case.arrival.at)

    def _accept(self, case: Case, turn: int) -> None:
        self.line.remove(case.arrival.at)
        if case.work.id in self._said:
            self.told.append((*self._said.pop(case.work.id), self.now - case.arrival.at))
        super()._accept(case, turn)


@pytest.mark.parametrize(
    ("agents", "load", "times"),
    [
        (8, 0.95, Exponential(180.0)),
        (8, 0.95, Lognormal(180.0, 0.6)),
        (2, 0.9, Exponential(240.0)),
        (30, 0.98, Lognormal(300.0, 1.2)),
    ],
)
def test_four_of_five_waits_lie_within_the_bounds(agents: int, load: float, times: Distribution) -> None:
    variance = times.mean**2 * (1.0 if isinstance(times, Exponential) else getattr(times, "cv", 1.0) ** 2)
    scenario = Scenario(
        title="line",
        seed=3,
        begin=0.0,
        hours=3000 * times.mean / agents / load / 3600,
        warm_up=0.0,
        policies={"q": QueuePolicy(auto_accept=True)},
        titles={},
        sources=(
            Source(
                queue="q",
                kind="call",
                rates=((0.0, load * agents / times.mean * 3600),),
                handling=times,
                wrap_up=Exponential(0.0),
            ),
        ),
        customers=Customers(),
        groups=(Group(name="all", count=agents),),
    )
    announced = Announced(scenario, agents, Handled(200, times.mean, variance))
    announced.run()
    told = announced.told
    assert len(told) > 500
    inside = sum(low <= wait <= high for _, low, high, wait in told) / len(told)
    assert 0.70 <= inside <= 0.92
    mean_told = sum(seconds for seconds, *_ in told) / len(told)
    mean_wait = sum(wait for *_, wait in told) / len(told)
    assert mean_told == pytest.approx(mean_wait, rel=0.15)
