"""The index behind the search in the log: what comes into it, and that it finds what a plain scan finds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from crm_store import contact_words, customers, journal, messages, recordings, schema, search, slices, works
from crm_store.contacts import ContactFilter
from crm_store.customers import CustomerChanges
from crm_store.errors import Refused
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.recordings import RecordingReport
from crm_store.search import Query
from crm_store.store import Store
from crm_store.terms import asked, cut, holds
from crm_store.works import Work
from tests.store.making import AT, add_agent, add_contact, add_customer


def found(connection: Connection, words: str | None = None, **which: Any) -> list[str]:
    """The ids of all contacts that the search finds, in its order, over all pages of two."""
    path = which.pop("path", None)
    query = Query(words=words, path=path, which=ContactFilter(**which))
    return [contact.id for batch in search.export(connection, query, 2) for contact in batch]


def drained(store: Store) -> int:
    with store.writing() as connection:
        return contact_words.drain(connection)


# --- what comes into the index --------------------------------------------------------------------------


def note(connection: Connection, _ids: Ids) -> None:
    journal.append(connection, "con_1", [NewEntry(AT, "note", {"text": "the needle"})])


def message(connection: Connection, _ids: Ids) -> None:
    row = messages.inbound_row("msg_1", "con_1", "the needle", AT)
    connection.execute(schema.messages.insert(), row)


def recording(connection: Connection, ids: Ids) -> None:
    report = RecordingReport(contact_id="con_1", provider_ref="RE1", transcript="the needle")
    recordings.upsert(connection, report, AT, ids)


def survey(connection: Connection, _ids: Ids) -> None:
    data = {"survey": "s", "score": 1, "comment": "the needle"}
    journal.append(connection, "con_1", [NewEntry(AT, "survey", data)])


def rename(connection: Connection, ids: Ids) -> None:
    customer = customers.get(connection, "cus_1")
    changes = CustomerChanges(name="Ann Needle")
    customers.update(connection, "cus_1", customer.version, changes, at=AT, ids=ids, actor="test")


def wrap_up(connection: Connection, _ids: Ids) -> None:
    work = Work(id="wrk_1", kind="call", contact_id="con_1", queued_at=AT, entered_at=AT, note="the needle")
    works.insert(connection, work)
    journal.append(connection, "con_1", [NewEntry(AT, "wrapped_up", {"work_id": "wrk_1"})])


@pytest.mark.parametrize("write", [note, message, recording, survey, rename, wrap_up])
def test_words_are_found_as_soon_as_their_contact_is_indexed_again(
    store: Store, ids: Ids, write: Callable[[Connection, Ids], None]
) -> None:
    with store.writing() as connection:
        add_customer(connection, "cus_1")
        add_contact(connection, "con_1", customer_id="cus_1")
        add_contact(connection, "con_2")
    drained(store)
    with store.writing() as connection:
        assert contact_words.missing(connection) == 0
        write(connection, ids)
        assert contact_words.missing(connection) > 0
    assert drained(store) > 0
    with store.reading() as connection:
        assert contact_words.missing(connection) == 0
        assert found(connection, "needle") == ["con_1"]
        assert len(found(connection)) == 2


def test_what_flow_and_bot_say_is_not_searched(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", channel="web")
        for number, author in enumerate(("flow", "bot", "system", "agent")):
            row = messages.inbound_row(f"msg_{number}", "con_1", f"by{author}", AT)
            connection.execute(schema.messages.insert(), row | {"author": author})
    drained(store)
    with store.reading() as connection:
        assert found(connection, "byagent") == ["con_1"]
        assert (
            found(connection, "byflow") == found(connection, "bybot") == found(connection, "bysystem") == []
        )


FACTS: list[dict[str, Any]] = [
    {"channel": "phone"},
    {"channel": "sms"},
    {"direction": "inbound"},
    {"state": "ended"},
    {"outcome": "answered"},
    {"end_reason": "done"},
    {"flow": "front_door"},
    {"language": "zh"},
    {"tag": "late delivery"},
    {"address": "+861012345678"},
    {"customer_id": "cus_1"},
    {"queue": "sales"},
    {"queue": "service"},
    {"agent_id": "agt_1"},
    {"agent_id": "agt_2"},
    {"path": "ask"},
    {"path": "billing/ask"},
    {"since": AT, "channel": "phone"},
    {"until": AT, "channel": "phone"},
    {"since": AT - timedelta(days=1), "until": AT + timedelta(microseconds=1), "channel": "phone"},
]
TRUE = [number not in (1, 18) for number in range(len(FACTS))]


@pytest.mark.parametrize(("which", "holds"), list(zip(FACTS, TRUE, strict=True)))
def test_facts_are_found_alone_and_beside_words(store: Store, which: dict[str, Any], holds: bool) -> None:
    entries = (
        NewEntry(AT, "path", {"turn": 1, "steps": [["billing", "ask", "1"]]}),
        NewEntry(AT, "note", {"text": "needle"}),
    )
    with store.writing() as connection:
        add_agent(connection, "agt_1")
        add_agent(connection, "agt_2")
        add_customer(connection, "cus_1")
        add_contact(
            connection,
            "con_1",
            entries,
            customer_id="cus_1",
            agent_id="agt_1",
            queue="sales",
            tags=("late delivery",),
            state="ended",
            outcome="answered",
            end_reason="done",
        )
        other: dict[str, Any] = {"channel": "web", "direction": "outbound", "flow": "other", "language": "en"}
        add_contact(connection, "con_2", to_address="+1", **other)
        former = Work(id="wrk_1", kind="call", contact_id="con_1", queued_at=AT, entered_at=AT)
        works.insert(connection, works.changed(former, {"queue": "service", "agent_id": "agt_2"}))
    drained(store)
    with store.reading() as connection:
        assert found(connection, **which) == (["con_1"] if holds else [])
        assert found(connection, "needle", **which) == (["con_1"] if holds else [])
        assert found(connection, "nothing", **which) == []


def test_a_change_takes_old_facts_and_words_away(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", queue="sales", reason="x")
    drained(store)
    with store.writing() as connection:
        journal.append(connection, "con_1", [NewEntry(AT, "queue_left")], {"queue": None, "state": "ended"})
    drained(store)
    with store.reading() as connection:
        assert found(connection, queue="sales") == found(connection, state="in_flow") == []
        assert found(connection, state="ended") == ["con_1"]


def test_a_contact_that_changes_while_others_are_indexed_is_not_forgotten(store: Store) -> None:
    """A note that came after the words were read stays, although an older one of the same contact is done."""
    with store.writing() as connection:
        add_contact(connection, "con_1")
    with store.writing() as connection:
        ids = connection.execute(sa.select(schema.contact_words_due.c.id)).scalars().all()
        note(connection, None)  # type: ignore[arg-type]  # it makes no ids
        contact_words.index(connection, ["con_1"])
        connection.execute(schema.contact_words_due.delete().where(schema.contact_words_due.c.id.in_(ids)))
        assert contact_words.missing(connection) == 1


def test_the_last_to_change_are_indexed_first_and_all_in_the_end(store: Store) -> None:
    with store.writing() as connection:
        for number in range(5):
            add_contact(connection, f"con_{number}", started_at=AT + timedelta(seconds=number))
    with store.writing() as connection:
        assert contact_words.drain(connection, 2) == 2
        assert found(connection, channel="phone") == ["con_4", "con_3"]
        assert contact_words.missing(connection) == 3
    while drained(store):
        pass
    with store.reading() as connection:
        assert found(connection, channel="phone") == [f"con_{number}" for number in (4, 3, 2, 1, 0)]


def test_an_index_that_was_lost_is_made_again_in_batches_that_can_be_resumed(store: Store) -> None:
    with store.writing() as connection:
        for number in range(5):
            entry = NewEntry(AT, "note", {"text": f"needle{number}"})
            add_contact(connection, f"con_{number}", (entry,))
        connection.execute(schema.contact_words_due.delete())
    last: str | None = ""
    seen = []
    while last is not None:
        with store.writing() as connection:
            last = contact_words.rebuild(connection, last, whole=False, most=2)
            seen.append(last)
    assert seen == ["con_1", "con_3", "con_4", None]
    with store.writing() as connection:
        assert contact_words.count(connection) == 5
        assert contact_words.rebuild(connection, whole=False) is None
        assert contact_words.rebuild(connection, "con_3", whole=True) == "con_4"
        assert found(connection, "needle3") == ["con_3"]
        assert contact_words.count(connection) == 5


def test_contacts_of_the_same_instant_have_places_of_their_own(store: Store) -> None:
    first = contact_words.first_place(AT)
    with store.writing() as connection:
        for number in range(4):
            add_contact(connection, f"con_{number}")
    while True:
        with store.writing() as connection:
            if not contact_words.drain(connection, 1):
                break
    with store.reading() as connection:
        places = connection.execute(sa.select(schema.contact_words.c.place)).scalars().all()
        assert sorted(places) == [first, first + 1, first + 2, first + 3]
        assert sorted(found(connection, channel="phone")) == [f"con_{number}" for number in range(4)]
    assert contact_words.instant(first + 3) == AT


@pytest.mark.parametrize("words", ["%", "\0", "👍", '""'])
def test_words_without_any_letter_are_refused(store: Store, words: str) -> None:
    with store.reading() as connection, pytest.raises(Refused, match="letter or digit"):
        search.search(connection, Query(words=words))


def test_hostile_words_break_nothing(store: Store) -> None:
    words = "x') OR 1=1 -- \" * : & | ! <-> NEAR( ^ \\ ' \u202e \ud800 {}[] AND NOT 退'款 %s :p"
    with store.writing() as connection:
        row = messages.inbound_row("msg_1", "con_1", words, AT)
        add_contact(connection, "con_1")
        connection.execute(schema.messages.insert(), row)
        long = messages.inbound_row("msg_2", "con_1", " ".join(map(str, range(150_000))), AT)
        connection.execute(schema.messages.insert(), long)
    drained(store)
    with store.reading() as connection:
        assert found(connection, words) == ["con_1"]
        assert found(connection, words.replace('"', "")) == ["con_1"]
        assert found(connection, tag="x') OR 1=1") == []


# --- the same as a plain scan ---------------------------------------------------------------------------

WORDS = (
    "parcel",
    "parcels",
    "park",
    "order",
    "on",
    "the",
    "退款",
    "款",
    "我要退",
    "包裹",
    "A1001",
    "100",
    "é",
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
ASKED = st.lists(
    st.one_of(
        st.sampled_from(WORDS), TEXTS.map('"{}"'.format), st.sampled_from(["pa", "par", "1", "10", "o"])
    ),
    min_size=1,
    max_size=3,
).map(" ".join)
DAYS = 1500
AGENTS = ("agt_1", "agt_2")


@pytest.fixture
def said(store: Store, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[list[str], str, Any]]:
    """What was said in contacts of four years, some of the same instant; few rows make a slice."""
    monkeypatch.setattr(slices, "GOOD", 5)
    monkeypatch.setattr(slices, "MOST_BY_ROW", 12)
    monkeypatch.setattr(slices, "MOST", 40)
    random = Random(7)
    made: dict[str, tuple[list[str], str, Any]] = {}
    with store.writing() as connection:
        for agent_id in AGENTS:
            add_agent(connection, agent_id)
        for number in range(150):
            texts = [" ".join(random.choices(WORDS, k=random.randrange(1, 5))) for _ in range(3)]
            at = AT - timedelta(
                minutes=random.choice((0, 1, 50, 3000, 400_000, DAYS * 1440)) * random.random()
            )
            entries = tuple(NewEntry(at, "note", {"text": text}) for text in texts)
            made[f"con_{number:03d}"] = (texts, agent_id := random.choice(AGENTS), at)
            add_contact(connection, f"con_{number:03d}", entries, started_at=at, agent_id=agent_id)
        while contact_words.drain(connection):
            pass
    return made


def test_the_index_finds_what_a_plain_scan_finds(
    store: Store, said: dict[str, tuple[list[str], str, Any]]
) -> None:
    newest = sorted(said, key=lambda one: (said[one][2], one), reverse=True)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        ASKED,
        st.one_of(st.none(), st.sampled_from(AGENTS)),
        st.one_of(st.none(), st.integers(0, DAYS)),
        st.integers(1, 60),
    )
    def check(words: str, agent_id: str | None, days: int | None, limit: int) -> None:
        since = None if days is None else AT - timedelta(days=days)
        expected = [
            one
            for one in newest
            if holds(cut(said[one][0]), asked(words))
            and agent_id in (None, said[one][1])
            and (since is None or said[one][2] >= since)
        ]
        query = Query(words=words, which=ContactFilter(agent_id=agent_id, since=since))
        with store.reading() as connection:
            got = [one.id for batch in search.export(connection, query, limit) for one in batch]
        assert got == expected

    check()


def test_pages_are_full_where_there_is_enough_and_end(
    store: Store, said: dict[str, tuple[list[str], str, Any]]
) -> None:
    with store.reading() as connection:
        page = search.search(connection, Query(words='"the"'), limit=3)
        assert len(page.items) == 3
        again = search.search(connection, Query(words='"the"'), page.next_cursor, limit=3)
        assert not {one.id for one in page.items} & {one.id for one in again.items}
        short = search.search(connection, Query(words="nobodysaid"))
        assert short.items == ()  # with a cursor, where the limit of rows was met
        assert found(connection, "nobodysaid") == []
        with pytest.raises(Refused, match="next_cursor"):
            search.search(connection, Query(words="the"), "made-up")
