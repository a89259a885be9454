from __future__ import annotations

import math
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.simulation.patience import NEVER, Patience, estimate


def test_by_hand() -> None:
    # 5 wait; at 10 one leaves (4/5 stay), at 15 one is answered, at 20 (2/3) and 30 (1/2) one leaves
    found = estimate([(10, True), (15, False), (20, True), (30, True), (40, False)])
    assert found.times == (10, 20, 30)
    assert found.stay == pytest.approx((0.8, 0.8 * 2 / 3, 0.8 / 3))
    assert found.rate == pytest.approx(3 / 115)


def test_several_at_one_time() -> None:
    found = estimate([(10, True), (10, False), (10, True), (20, False)])
    assert found.times == (10,)
    assert found.stay == pytest.approx((0.5,))


@pytest.mark.parametrize("waits", [[], [(5.0, False)], [(0.0, False)] * 3])
def test_where_nobody_left_patience_is_endless(waits: list[tuple[float, bool]]) -> None:
    assert estimate(waits).draw(Random(1), 3.0) == NEVER


def test_it_finds_the_patience_behind_censored_waits() -> None:
    """Patience of 120 s on average, answered after 60 s on average: most of the patience is never seen."""
    random = Random(1)
    waits = []
    for _ in range(20_000):
        patience, answered = random.expovariate(1 / 120), random.expovariate(1 / 60)
        waits.append((min(patience, answered), patience < answered))
    found = estimate(waits)
    for at in (30.0, 60.0, 120.0, 200.0):
        place = sum(time <= at for time in found.times)
        assert found.stay[place - 1] == pytest.approx(math.exp(-at / 120), abs=0.03)
    assert fmean(found.draw(random) for _ in range(20_000)) == pytest.approx(120, rel=0.05)
    more = [found.draw(random, 50.0) for _ in range(20_000)]
    assert fmean(more) == pytest.approx(170, rel=0.05)


waits = st.lists(st.tuples(st.floats(0.0, 1000.0), st.booleans()), max_size=50)


@given(waits, st.floats(0.0, 2000.0), st.integers(0, 100))
def test_who_has_waited_so_long_is_more_patient(
    given: list[tuple[float, bool]], more_than: float, seed: int
) -> None:
    assert estimate(given).draw(Random(seed), more_than) >= more_than


@given(waits)
def test_the_share_who_stay_falls(given: list[tuple[float, bool]]) -> None:
    found: Patience = estimate(given)
    assert list(found.stay) == sorted(found.stay, reverse=True)
    assert all(0 <= share <= 1 for share in found.stay)
    assert list(found.times) == sorted(set(found.times))
