"""Erlang's formulas against the table of the issue, and against chains that are solved state by state."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.staffing import Demand, Figures, erlang_a, erlang_b, erlang_c, figures

CALLS = Demand(100 / 1800, 180.0)
IMPATIENT = Demand(100 / 1800, 180.0, 300.0)


def chain(agents: int, demand: Demand, most: int) -> list[float]:
    """The stationary distribution of the calls in the system, by cutting the birth-death chain at ``most``.

    Solved from balance between neighbours, each state by itself, in logarithms: no formula of Erlang's in it.
    """
    leave = 1 / demand.patience if demand.patience else 0.0
    logs = [0.0]
    for state in range(1, most + 1):
        death = min(state, agents) / demand.handling + max(0, state - agents) * leave
        logs.append(logs[-1] + math.log(demand.per_second / death))
    top = max(logs)
    weights = [math.exp(log - top) for log in logs]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def served_within(agents: int, demand: Demand, seconds: float, ahead: int) -> float:
    """Chance that somebody with ``ahead`` before them is served in time: the transient chain of their place,
    by small steps of fourth order (Runge-Kutta)."""
    leave = 1 / demand.patience if demand.patience else 0.0
    serve = agents / demand.handling

    def slope(state: list[float]) -> list[float]:
        # state[0]: served; state[i+1]: still i ahead
        change = [serve * state[1]]
        for place in range(ahead + 1):
            inflow = (serve + (place + 1) * leave) * state[place + 2] if place < ahead else 0.0
            change.append(inflow - (serve + (place + 1) * leave) * state[place + 1])
        return change

    def moved(state: list[float], by: list[float], width: float) -> list[float]:
        return [one + width * two for one, two in zip(state, by, strict=True)]

    state = [0.0] * (ahead + 1) + [1.0]
    steps = 200
    width = seconds / steps
    for _ in range(steps):
        first = slope(state)
        second = slope(moved(state, first, width / 2))
        third = slope(moved(state, second, width / 2))
        fourth = slope(moved(state, third, width))
        total = [a + 2 * b + 2 * c + d for a, b, c, d in zip(first, second, third, fourth, strict=True)]
        state = moved(state, total, width / 6)
    return state[0]


def solved(agents: int, demand: Demand, seconds: float, most: int = 200) -> Figures:
    """All figures from the chain."""
    states = chain(agents, demand, most)
    waiting = math.fsum((state - agents) * p for state, p in enumerate(states) if state > agents)
    left = waiting / demand.patience / demand.per_second if demand.patience else 0.0
    level = math.fsum(states[:agents]) + math.fsum(
        p * served_within(agents, demand, seconds, state - agents)
        for state, p in enumerate(states)
        if agents <= state < agents + 40 and p > 1e-9
    )
    return Figures(
        agents=agents,
        service_level=level,
        waits=math.fsum(states[agents:]),
        asa=_asa(states, agents, demand) / (1 - left),
        occupancy=math.fsum(min(state, agents) * p for state, p in enumerate(states)) / agents,
        abandonment=left,
    )


def _asa(states: list[float], agents: int, demand: Demand) -> float:
    """Mean of wait and "is served", by first-step analysis of the place in line."""
    leave = 1 / demand.patience if demand.patience else 0.0
    serve = agents / demand.handling
    mean, chance, total = 0.0, 1.0, 0.0
    for state in range(agents, len(states)):
        out = serve + (state - agents + 1) * leave
        on = serve + (state - agents) * leave
        mean = (on * mean + on / out * chance) / out  # wait before, and the sojourn where it goes on
        chance *= on / out
        total += states[state] * mean
    return total


def close(found: Figures, wanted: Figures, relative: float = 1e-6) -> None:
    for name in ("service_level", "waits", "asa", "occupancy", "abandonment"):
        value, other = getattr(found, name), getattr(wanted, name)
        assert value == pytest.approx(other, rel=relative, abs=1e-9), name


def test_erlang_c_gives_the_table_of_the_issue() -> None:
    found = erlang_c(14, CALLS, 20)
    assert (round(found.service_level, 3), round(found.occupancy, 3)) == (0.888, 0.714)
    assert round(found.waits, 3) == 0.174


def test_erlang_a_gives_the_table_of_the_issue() -> None:
    found = erlang_a(14, IMPATIENT, 20)
    assert round(found.waits, 3) == 0.145
    assert round(found.abandonment, 4) == 0.0140
    assert round(found.occupancy, 3) == 0.704


@pytest.mark.parametrize(
    ("agents", "load", "blocked"), [(1, 1.0, 0.5), (2, 1.0, 0.2), (5, 0.0, 0.0), (0, 3.0, 1.0)]
)
def test_erlang_b_by_hand(agents: int, load: float, blocked: float) -> None:
    assert erlang_b(agents, load) == pytest.approx(blocked)


@pytest.mark.parametrize("agents", [2, 11, 14, 40])
def test_erlang_b_is_the_last_state_of_the_cut_chain(agents: int) -> None:
    assert erlang_b(agents, CALLS.load) == pytest.approx(chain(agents, CALLS, agents)[-1], rel=1e-9)


@pytest.mark.parametrize("agents", [12, 14, 20])
def test_erlang_c_agrees_with_the_chain(agents: int) -> None:
    close(erlang_c(agents, CALLS, 20), solved(agents, CALLS, 20))


@pytest.mark.parametrize(
    ("agents", "demand", "seconds"),
    [
        (14, IMPATIENT, 20.0),
        (5, IMPATIENT, 90.0),  # twice the load that they can carry
        (1, Demand(0.01, 200.0, 60.0), 20.0),
        (14, Demand(100 / 1800, 180.0, 20.0), 5.0),
    ],
)
def test_erlang_a_agrees_with_the_chain(agents: int, demand: Demand, seconds: float) -> None:
    close(erlang_a(agents, demand, seconds), solved(agents, demand, seconds), 1e-5)


@pytest.mark.parametrize("agents", [200, 300, 305, 330, 900])
def test_hundreds_of_agents_agree_with_the_chain(agents: int) -> None:
    demand = Demand(300 / 240, 240.0, 180.0)
    states = chain(agents, demand, 1500)
    found = erlang_a(agents, demand, 20)
    assert found.waits == pytest.approx(math.fsum(states[agents:]), rel=1e-7, abs=1e-12)
    busy = math.fsum(min(state, agents) * p for state, p in enumerate(states))
    assert found.occupancy == pytest.approx(busy / agents, rel=1e-9)


def test_great_patience_is_erlang_c() -> None:
    patient = Demand(CALLS.per_second, CALLS.handling, 1e12)
    close(erlang_a(14, patient, 20), erlang_c(14, CALLS, 20), 1e-5)


def test_too_few_agents_never_catch_up() -> None:
    found = erlang_c(10, CALLS, 20)
    assert (found.service_level, found.waits, found.asa, found.occupancy) == (0.0, 1.0, None, 1.0)


def test_a_million_in_line_is_a_fluid() -> None:
    found = erlang_a(5, Demand(100.0, 180.0, 1e7), 20)
    assert found.abandonment == pytest.approx(1 - 5 / 18000)
    near = erlang_a(5, Demand(100.0, 180.0, 9_000.0), 20)
    assert near.abandonment == pytest.approx(found.abandonment, rel=1e-3)
    assert near.asa == pytest.approx(9_000 * math.log(18000 / 5), rel=0.01)


def test_erlang_a_needs_a_patience() -> None:
    with pytest.raises(ValueError, match="erlang_c"):
        erlang_a(3, CALLS, 20)


demands = st.builds(
    Demand,
    st.floats(1e-4, 2.0),
    st.floats(5.0, 1200.0),
    st.none() | st.floats(5.0, 3600.0),
)


@given(demands, st.integers(0, 400), st.floats(0.0, 300.0))
def test_shares_are_shares_and_one_more_agent_never_hurts(
    demand: Demand, agents: int, seconds: float
) -> None:
    few, more = figures(agents, demand, seconds), figures(agents + 1, demand, seconds)
    for found in (few, more):
        for share in (found.service_level, found.waits, found.occupancy, found.abandonment):
            assert -1e-9 <= share <= 1 + 1e-9
        assert found.asa is None or found.asa >= 0
    assert more.service_level >= few.service_level - 1e-7
    assert more.abandonment <= few.abandonment + 1e-9
    assert more.occupancy <= few.occupancy + 1e-9 or agents == 0


@given(demands, st.integers(1, 400))
def test_who_is_served_and_who_leaves_are_all(demand: Demand, agents: int) -> None:
    found = figures(agents, demand, 1e5)
    if demand.patience is not None:
        assert found.service_level + found.abandonment == pytest.approx(1, abs=1e-6)
