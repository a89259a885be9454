"""The structures that the router is made of, each against the plainest way to do the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.agent import MEDIUM, fits
from contact_center.routing import idle, line
from contact_center.routing.bits import Buckets, Sums, slots
from contact_center.routing.idle import IdleOrder
from contact_center.routing.line import Line, Place
from contact_center.routing.needs import speaks
from contact_center.routing.room import Room, share_used

MEDIA = sorted(set(MEDIUM.values()))
sets = st.sets(st.integers(0, 40))
loads = st.dictionaries(st.sampled_from(MEDIA), st.integers(0, 3))
places = st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=120)


def bits(numbers: set[int]) -> int:
    return sum(1 << number for number in numbers)


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "MOST", 4)
    monkeypatch.setattr(idle, "MOST", 4)


@given(events=places)
@settings(max_examples=200)
def test_a_line_is_a_sorted_list(events: list[tuple[bool, int]]) -> None:
    mine, plain = Line(), list[Place]()
    for enters, number in events:
        place = (float(number % 7), float(number), str(number))
        if enters and place not in plain:
            mine.add(place)
            plain = sorted([*plain, place])
        elif not enters and place in plain:
            mine.remove(place)
            plain.remove(place)
        elif not enters:
            with pytest.raises((KeyError, IndexError)):
                mine.remove(place)
        assert (list(mine), len(mine), mine.first) == (plain, len(plain), plain[0] if plain else None)
        assert [mine.rank(each) for each in plain] == list(range(len(plain)))
        assert [mine.at(rank) for rank in range(len(plain))] == plain
    with pytest.raises(IndexError):
        mine.at(len(plain))


@given(events=places, among=sets, count=st.integers(1, 5))
@settings(max_examples=200)
def test_the_order_of_the_idle_is_a_sorted_list(
    events: list[tuple[bool, int]], among: set[int], count: int
) -> None:
    mine, plain = IdleOrder(), list[tuple[float, str, int]]()
    for enters, number in events:
        agent = (float(number % 7), f"{number:02}", 1 << number)
        if enters and agent not in plain:
            mine.add(agent)
            plain = sorted([*plain, agent])
        elif not enters and agent in plain:
            mine.remove(agent)
            plain.remove(agent)
    wanted = [bit for _, _, bit in plain if bit & bits(among)]
    assert mine.longest(bits(among), count) == wanted[:count]


@given(numbers=sets)
def test_slots_of_a_set(numbers: set[int]) -> None:
    assert list(slots(bits(numbers))) == sorted(numbers)


@given(additions=st.lists(st.tuples(sets, st.integers(0, 50)), max_size=8), among=sets)
def test_sums_are_sums(additions: list[tuple[set[int], int]], among: set[int]) -> None:
    sums, plain = Sums(), dict.fromkeys(range(41), 0)
    for numbers, amount in additions:
        sums.add(bits(numbers), amount)
        for number in numbers:
            plain[number] += amount
    assert {number: sums.of(1 << number) for number in plain} == plain
    best = max((plain[number] for number in among), default=0)
    assert sums.highest(bits(among)) == bits({number for number in among if plain[number] == best})


@given(changes=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4))), among=sets)
def test_buckets_find_the_lowest(changes: list[tuple[int, int]], among: set[int]) -> None:
    buckets, plain = Buckets(), dict.fromkeys(range(41), 0)
    for slot, value in changes:
        buckets.put(1 << slot, slot, value)
        plain[slot] = value
    least = min((plain[number] for number in among), default=0)
    assert buckets.lowest(bits(among)) == bits({number for number in among if plain[number] == least})
    assert buckets.highest_value() == max(plain.values())
    assert [buckets.value(slot) for slot in plain] == list(plain.values())


@given(capacity=st.lists(loads, max_size=3).map(tuple), load=loads)
def test_what_is_left_is_what_fits(capacity: tuple[dict[str, int], ...], load: dict[str, int]) -> None:
    room = Room(capacity)
    for _ in range(2):  # asked, and remembered
        assert room.left(load).free == {MEDIUM[kind] for kind in MEDIUM if fits(capacity, load, kind)}
    assert room.able == {MEDIUM[kind] for kind in MEDIUM if fits(capacity, {}, kind)}
    assert 0 <= room.left(load).used <= 1


@pytest.mark.parametrize(
    ("load", "share"),
    [
        ({}, 0),
        ({"call": 1}, 0.5),
        ({"ticket": 1}, 0.25),
        ({"chat": 3}, 0.75),
        ({"chat": 4}, 1),
        ({"text": 1}, 1),
    ],
)
def test_how_much_of_a_capacity_is_in_use(load: dict[str, int], share: float) -> None:
    assert share_used(({"call": 1, "ticket": 1}, {"chat": 3, "ticket": 1}), load) == share


@pytest.mark.parametrize(
    ("languages", "language", "expected"),
    [
        ((), "zh", True),
        (("en",), "", True),
        (("en", "zh"), "zh-CN", True),
        (("zh-CN",), "zh", True),
        (("zh-cn",), "zh-CN", True),
        (("zh-TW",), "zh-CN", False),
        (("en",), "zh-CN", False),
    ],
)
def test_who_speaks_a_language(languages: tuple[str, ...], language: str, expected: bool) -> None:
    assert speaks(languages, language) == expected
