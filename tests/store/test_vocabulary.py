"""The vocabulary behind the search in the log: what it knows, and that a search finds the same without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from contact_center import log_index
from crm_store import contact_words, journal, schema, search, slices, vocabulary
from crm_store.contacts import ContactFilter
from crm_store.journal import NewEntry
from crm_store.search import Query
from crm_store.store import Store
from crm_store.terms import Wanted, asked, cut
from crm_store.vocabulary import DAY, Known
from tests.store.making import AT, add_contact

ON_POSTGRES = pytest.mark.parametrize("store_url", ["postgres"], indirect=True)

WORDS = ("parcel", "parcels", "park", "order", "the", "退款", "款", "我要退", "A1001", "A1002", "100")
GONE = ("fax", "faxes", "传真")
"""Said long ago only."""

DAYS = 900


def say(connection: Connection, contact_id: str, text: str, days_ago: float = 0.0) -> None:
    at = AT - timedelta(days=days_ago)
    add_contact(connection, contact_id, (NewEntry(at, "note", {"text": text}),), started_at=at)


def indexed(store: Store, *, learnt: bool = True) -> None:
    with store.writing() as connection:
        while contact_words.drain(connection):
            pass
        while learnt and vocabulary.learn(connection, 7):
            pass


def kept(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        rows = connection.execute(sa.select(schema.contact_vocabulary)).all()
    return {row.term: row.until for row in rows}


def day_end(days_ago: float) -> int:
    return (contact_words.first_place(AT - timedelta(days=days_ago)) // DAY + 1) * DAY


@pytest.fixture
def said(store: Store) -> dict[str, tuple[str, float]]:
    """The text of contacts of some years, and how many days ago each was; the last is indexed first."""
    random = Random(3)
    made: dict[str, tuple[str, float]] = {}
    for number in range(120):
        ago = random.choice((0.01, 2, 60, DAYS)) * random.random()
        words = WORDS + GONE * 3 if ago > 400 else WORDS
        made[f"con_{number:03d}"] = (" ".join(random.choices(words, k=random.randrange(1, 5))), ago)
    with store.writing() as connection:
        for contact_id, (text, ago) in made.items():
            say(connection, contact_id, text, ago)
    return made


def expected(said: dict[str, tuple[str, float]]) -> dict[str, int]:
    last: dict[str, float] = {}
    for text, ago in said.values():
        for term in cut([text]).terms:
            last[term] = min(ago, last.get(term, ago))
    return {vocabulary.LEARNT: 0} | {term: day_end(ago) for term, ago in last.items()}


@ON_POSTGRES
@pytest.mark.parametrize("late", [False, True])
def test_each_term_is_kept_with_the_last_day_on_which_it_was_said(
    store: Store, said: dict[str, tuple[str, float]], late: bool
) -> None:
    """As contacts are indexed, or ``late``, out of an index that was there before."""
    indexed(store, learnt=not late)
    if late:
        with store.writing() as connection:
            vocabulary.forget(connection)
        assert kept(store).keys() == {vocabulary.LEARNT}
        with store.writing() as connection:
            assert vocabulary.learn(connection, 7)
        assert kept(store)[vocabulary.LEARNT] > 0
        indexed(store)
    assert kept(store) == expected(said)
    with store.writing() as connection:
        assert not vocabulary.learn(connection)


@ON_POSTGRES
def test_nothing_is_known_until_all_is_learnt(store: Store) -> None:
    with store.writing() as connection:
        say(connection, "con_1", "parcel")
    indexed(store, learnt=False)
    parcel, fax = Wanted(frozenset({"parcel"})), Wanted(prefix="fa")
    with store.writing() as connection:
        assert vocabulary.look_up(connection, parcel) == vocabulary.look_up(connection, fax) == Known()
        while vocabulary.learn(connection):
            pass
        assert vocabulary.look_up(connection, parcel) == Known(day_end(0))
        assert vocabulary.look_up(connection, fax) == Known(0, {})
        assert vocabulary.look_up(connection, Wanted(frozenset({"_q1"}))) == Known()


@ON_POSTGRES
def test_words_that_begin_as_wanted_are_named_up_to_a_number(store: Store) -> None:
    number = vocabulary.MOST_SPELLED
    with store.writing() as connection:
        say(connection, "con_1", " ".join(f"a{each}" for each in range(number)))
        say(connection, "con_2", "b1", days_ago=3)
    indexed(store)
    with store.writing() as connection:
        assert vocabulary.look_up(connection, Wanted(prefix="a")).spelled == {
            f"a{each}": day_end(0) for each in range(number)
        }
        say(connection, "con_3", "axx")
    indexed(store)
    with store.reading() as connection:
        assert vocabulary.look_up(connection, Wanted(prefix="a")) == Known()
        assert vocabulary.look_up(connection, Wanted(prefix="b")) == Known(day_end(3), {"b1": day_end(3)})


@ON_POSTGRES
def test_what_is_no_longer_said_in_a_contact_is_claimed_and_not_found(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", queue="sales")
        say(connection, "con_2", "parcel", days_ago=300)
    indexed(store)
    with store.writing() as connection:
        connection.execute(
            schema.journal.insert(), journal.rows("con_1", 0, (NewEntry(AT, "note", {"text": "parcel"}),))
        )
        contact_words.index(connection, ["con_1"])
        connection.execute(schema.journal.delete().where(schema.journal.c.contact_id == "con_1"))
        contact_words.index(connection, ["con_1"])
    assert kept(store)["parcel"] == day_end(0)
    with store.reading() as connection:
        assert [one.id for one in search.search(connection, Query(words="parcel")).items] == ["con_2"]


@ON_POSTGRES
async def test_the_running_program_learns_what_was_there_before_bit_by_bit(
    store: Store, said: dict[str, tuple[str, float]]
) -> None:
    indexed(store, learnt=False)
    with store.writing() as connection:
        vocabulary.forget(connection)
    assert await log_index.learn(store, log_index.LEARNT_AT_A_TIME)
    assert not await log_index.learn(store)
    assert kept(store) == expected(said)
    assert not await log_index.learn(store)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_sqlite_needs_none(store: Store) -> None:
    with store.writing() as connection:
        say(connection, "con_1", "parcel")
        contact_words.drain(connection)
        assert not vocabulary.learn(connection)
        vocabulary.forget(connection)
        assert vocabulary.look_up(connection, asked("parcel")) == Known()
    assert kept(store) == {}


# --- the same with and without ---------------------------------------------------------------------------

ASKED = st.lists(
    st.one_of(
        st.sampled_from(WORDS + GONE),
        st.sampled_from(['"fax"', '"the order"', "pa", "fa", "A10", "10", "传", "xx"]),
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


def pages(connection: Connection, query: Query, limit: int) -> list[list[str]]:
    """All pages; those that are short because so many rows were looked at are joined to the next."""
    found: list[list[str]] = [[]]
    cursor: str | None = None
    while True:
        page = search.search(connection, query, cursor, limit - len(found[-1]))
        found[-1] += [one.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found
        if len(found[-1]) == limit:
            found.append([])


@ON_POSTGRES
@pytest.mark.parametrize("few", [0, 30, 2000])
def test_a_search_finds_the_same_pages_with_and_without_it(
    store: Store, said: dict[str, tuple[str, float]], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``few`` rows in all are fetched at once; slices are short, and are cut."""
    for name, value in (("GOOD", 4), ("TOO_MANY", 6), ("MOST", 40), ("MOST_BY_ROW", 12), ("FEW", few)):
        monkeypatch.setattr(slices, name, value)
    indexed(store)
    with store.writing() as connection:
        connection.execute(sa.text("ANALYZE contact_words"))
    look_up: Callable[[Connection, Wanted], Known] = vocabulary.look_up

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ASKED, st.one_of(st.none(), st.integers(0, DAYS)), st.integers(1, 9), st.sampled_from([1, 60]))
    def check(words: str, days: int | None, limit: int, spelled: int) -> None:
        until = None if days is None else AT - timedelta(days=days)
        query = Query(words=words, which=ContactFilter(until=until))
        with pytest.MonkeyPatch.context() as patch, store.reading() as connection:
            patch.setattr(vocabulary, "MOST_SPELLED", spelled)
            patch.setattr(slices, "look_up", look_up)
            known = pages(connection, query, limit)
            patch.setattr(slices, "look_up", lambda _connection, _wanted: Known())
            assert known == pages(connection, query, limit)

    check()
