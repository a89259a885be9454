from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.staffing import Demand, Goal, Interval, IntervalsError, figures, needed, read_intervals

CALLS = Demand(100 / 1800, 180.0)


@pytest.mark.parametrize(
    ("demand", "goal", "agents", "scheduled"),
    [
        (CALLS, Goal(), 14, 14),
        (CALLS, Goal(shrinkage=0.3), 14, 20),
        (CALLS, Goal(max_occupancy=0.6), 17, 17),
        (CALLS, Goal(target=0.95, seconds=10), 16, 16),
        (Demand(CALLS.per_second, 180.0, 300.0), Goal(), 13, 13),
        (Demand(0.0, 180.0), Goal(), 0, 0),
        (Demand(CALLS.per_second, 180.0, 300.0), Goal(target=0.0), 0, 0),
    ],
)
def test_whom_a_queue_needs(demand: Demand, goal: Goal, agents: int, scheduled: int) -> None:
    need = needed(demand, goal)
    assert (need.figures.agents, need.scheduled) == (agents, scheduled)


@given(
    st.builds(Demand, st.floats(1e-4, 1.0), st.floats(10.0, 900.0), st.none() | st.floats(10.0, 900.0)),
    st.builds(
        Goal, target=st.floats(0.1, 0.99), seconds=st.floats(0, 120), max_occupancy=st.floats(0.3, 1.0)
    ),
)
def test_the_goal_is_reached_and_with_one_less_it_is_not(demand: Demand, goal: Goal) -> None:
    def reached(agents: int) -> bool:
        found = figures(agents, demand, goal.seconds)
        return found.service_level >= goal.target and found.occupancy <= goal.max_occupancy

    agents = needed(demand, goal).figures.agents
    assert reached(agents)
    assert agents == 0 or not reached(agents - 1)


@pytest.mark.parametrize(
    ("goal", "word"),
    [
        (Goal(target=1.0), "target"),
        (Goal(max_occupancy=0.0), "occupancy"),
        (Goal(shrinkage=1.0), "shrinkage"),
    ],
)
def test_a_goal_that_nobody_can_reach(goal: Goal, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        needed(CALLS, goal)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("day.csv", "start,calls,aht\n08:30,40,180\n09:00,100,\n"),
        ("day.yaml", "- {start: 08:30, calls: 40, aht: 180}\n- {start: '09:00', calls: 100}\n"),
    ],
)
def test_both_forms_of_a_table_of_intervals(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    assert read_intervals(file, 200.0) == (Interval("08:30", 40, 180), Interval("09:00", 100, 200))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("day.csv", "start,calls\n08:30,40\n", "line 2: aht is missing"),
        ("day.csv", "start,cals,aht\n08:30,40,1\n", "there is no column 'cals'; did you mean 'calls'?"),
        ("day.csv", "start,calls,aht\n08:30,many,1\n", "line 2: calls: 'many' is not a number"),
        ("day.csv", "start,calls,aht\n08:30,-1,1\n", "must not be negative"),
        ("day.csv", "start,calls,aht\n", "there are no intervals"),
        ("day.yaml", "calls: 3\n", "must be a list"),
        ("day.yaml", "- {calls: 3, aht: 1}\n- 4\n", "[1]: must be a mapping"),
        ("day.yaml", "- {aht: 3}\n", "[0]: calls is missing"),
        ("day.yaml", "- {\n", "is not YAML"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_place(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(IntervalsError) as told:
        read_intervals(file, None)
    assert words in str(told.value)
    assert str(file) in str(told.value)
