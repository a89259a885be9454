"""The circuit breaker in virtual time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.carriers.breaker import Breaker


def broken(at: float = 0.0) -> Breaker:
    breaker = Breaker(failures=3, window=10, rest=5)
    for _ in range(3):
        assert breaker.admits(at)
        breaker.failed(at)
    return breaker


def test_it_opens_with_the_last_of_so_many_failures() -> None:
    breaker = Breaker(failures=3, window=10, rest=5)
    assert [breaker.failed(second) for second in (0.0, 1.0, 2.0)] == [False, False, True]
    assert breaker.state(2.0) == "open"
    assert not breaker.admits(6.9)
    assert breaker.left(4.0) == 3.0


def test_failures_far_apart_or_with_a_success_between_do_not_open_it() -> None:
    apart = Breaker(failures=3, window=10, rest=5)
    for second in (0.0, 6.0, 12.0, 18.0):
        assert not apart.failed(second)
    between = Breaker(failures=3, window=10, rest=5)
    for second in (0.0, 1.0):
        between.failed(second)
    between.succeeded()
    for second in (2.0, 3.0):
        assert not between.failed(second)


def test_the_last_failures_count_not_the_first() -> None:
    breaker = Breaker(failures=3, window=10, rest=5)
    assert [breaker.failed(second) for second in (0.0, 11.0, 12.0, 13.0)] == [False, False, False, True]


def test_half_open_lets_one_through_and_its_end_decides() -> None:
    breaker = broken()
    assert breaker.state(5.0) == "half_open"
    assert [breaker.admits(5.0), breaker.admits(5.0)] == [True, False]
    assert breaker.failed(6.0)
    assert not breaker.admits(10.9)
    assert breaker.admits(11.0)
    breaker.succeeded()
    assert breaker.state(11.0) == "closed"
    assert all(breaker.admits(11.0) for _ in range(10))


def test_a_probe_of_which_nothing_is_heard_is_given_up() -> None:
    breaker = broken()
    assert breaker.admits(5.0)
    assert not breaker.admits(9.9)
    assert breaker.admits(10.0)


def test_what_was_sent_before_it_opened_does_not_keep_it_open() -> None:
    breaker = broken()
    assert not breaker.failed(4.0)
    assert breaker.admits(5.0)


@pytest.mark.parametrize("wrong", [{"failures": 0}, {"window": 0}, {"rest": 0}])
def test_a_breaker_that_could_not_work_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="needs"):
        Breaker(**wrong)  # type: ignore[arg-type]  # wrong on purpose


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=60))
def test_it_never_stays_shut_for_longer_than_its_rest(steps: list[tuple[float, bool]]) -> None:
    breaker, now = Breaker(failures=3, window=10, rest=5), 0.0
    refused_since: float | None = None
    for pause, works in steps:
        now += pause
        if not breaker.admits(now):
            refused_since = refused_since if refused_since is not None else now
            assert now - refused_since < 5
            continue
        refused_since = None
        if works:
            breaker.succeeded()
        else:
            breaker.failed(now)
