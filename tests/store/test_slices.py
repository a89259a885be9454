"""How far back the next slice goes where few rows are expected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_store.contact_words import first_place, instant
from crm_store.slices import ENOUGH, _Way
from crm_store.terms import Wanted, beginning, span, times
from crm_store.vocabulary import Known

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = first_place(instant(0) + timedelta(days=1))


def way(found: int, days: float, *, since: int = 365) -> _Way:
    """A search that has gone through so many days and found so much in them."""
    high = first_place(NOW)
    low = high - since * DAY
    return _Way(
        Wanted(frozenset({"kettle"})),
        Known(),
        rows=1e6,
        spacing=since * DAY / 1e6,
        low=low,
        high=high,
        looked_through=int(days * DAY),
        found=[(number, f"con_{number}") for number in range(found)],
    )


def test_so_far_that_twice_what_is_needed_is_expected() -> None:
    search = way(found=9, days=10)
    start = search.enough(needed=3)
    assert instant(start) == (NOW - ENOUGH * 3 * timedelta(days=1)).replace(hour=0)


def test_as_far_as_the_terms_of_time_reach_that_it_asks_for_anyway() -> None:
    search = way(found=0, days=1)
    start = search.enough(needed=30)
    assert instant(start) == datetime(2026, 9, 1, tzinfo=UTC)
    assert span(instant(start), NOW) == ("_m202609", "_m202610", "_m202611")


def test_to_the_end_where_too_few_are_expected() -> None:
    for found, needed in ((0, 50), (1, 500)):
        search = way(found, days=10)
        assert search.enough(needed) == search.low


@given(st.integers(0, 50), st.floats(0.01, 300), st.integers(1, 60), st.integers(1, 4000))
def test_it_goes_on_and_never_before_what_is_asked_for(
    found: int, days: float, needed: int, since: int
) -> None:
    search = way(found, days, since=since)
    assert search.low <= search.enough(needed) < search.high


@given(
    st.integers(0, 4_000_000_000),
    st.timedeltas(timedelta(seconds=1), timedelta(days=900)),
)
def test_a_beginning_adds_no_terms(second: int, length: timedelta) -> None:
    start = datetime.fromtimestamp(second, UTC)
    end = start + length
    earlier = beginning(start, end)
    assert earlier <= start
    assert set(times(earlier)) & set(times(start)) & set(span(start, end))
