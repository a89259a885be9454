from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store import contact_words, messages, recordings, schema, search
from crm_store.contacts import ContactFilter
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.recordings import RecordingReport
from crm_store.search import Query
from crm_store.store import Store
from tests.store.making import AT, add_contact


def _input(**taken: object) -> NewEntry:
    return NewEntry(AT, "input", {"turn": 1} | taken)


def _path(*steps: list[str]) -> NewEntry:
    return NewEntry(AT, "path", {"turn": 1, "steps": list(steps), "said": ['a "menu","said","it"']})


@pytest.fixture
def log(store: Store, ids: Ids) -> Store:
    """Contacts of different kinds with words in each of the places that have words."""
    with store.writing() as connection:
        add_contact(
            connection,
            "con_1",
            (
                _input(kind="words", text="My parcel is 100% broken"),
                _path(["front_door", "menu", "2"], ["billing", "ask", ""]),
            ),
            started_at=AT,
        )
        add_contact(
            connection,
            "con_2",
            (_input(kind="keys", digits="4711"), _path(["hotline", "menu", "1"])),
            started_at=AT + timedelta(minutes=1),
        )
        add_contact(connection, "con_3", channel="sms", started_at=AT + timedelta(minutes=2))
        connection.execute(
            schema.messages.insert(),
            messages.inbound_row("msg_1", "con_3", "我要退款,谢谢_PARCEL", AT, ref="SM1"),
        )
        add_contact(connection, "con_4", started_at=AT + timedelta(minutes=3))
        report = RecordingReport(contact_id="con_4", provider_ref="RE1", transcript="你好，包裹坏了")
        recordings.upsert(connection, report, AT, ids)
        note = NewEntry(AT, "note", {"text": "promised a refund"})
        other = NewEntry(AT, "fault", {"what": "unspoken words", "text": "unspoken words"})
        add_contact(connection, "con_5", (note, other), started_at=AT + timedelta(minutes=4))
        contact_words.drain(connection)
    return store


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("parcel", ["con_3", "con_1"]),
        ("PARCEL IS", ["con_1"]),
        ("is parcel", ["con_1"]),
        ('"parcel is"', ["con_1"]),
        ('"is parcel"', []),
        ('"100 broken"', ["con_1"]),
        ("100% broken", ["con_1"]),
        ("parcel broken refund", []),
        ("parc", ["con_3", "con_1"]),  # the last word may go on
        ("parc broken", []),
        ('"parc"', []),
        ("p", []),  # too short for that
        ("arcel", []),
        ("471", ["con_2"]),
        ("退款", ["con_3"]),
        ("款退", []),
        ("款", ["con_3"]),
        ("退款 PAR", ["con_3"]),
        ("包裹", ["con_4"]),
        ('"包裹坏了"', ["con_4"]),
        ("refund", ["con_5"]),
        ("unspoken", []),
        ("words", []),
        ("menu", []),
    ],
)
def test_words_are_found_where_they_were_said_or_typed(log: Store, words: str, found: list[str]) -> None:
    with log.reading() as connection:
        page = search.search(connection, Query(words=words))
        assert [contact.id for contact in page.items] == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("menu", ["con_2", "con_1"]),
        ("hotline/menu", ["con_2"]),
        ("front_door/menu", ["con_1"]),
        ("billing/ask", ["con_1"]),
        ("ask", ["con_1"]),
        ("billing", []),  # a flow and not a node
        ("front_door", []),
        ("2", []),  # an exit and not a node
        ("men_", []),
        ("said", []),
    ],
)
def test_a_path_is_found_by_the_nodes_that_were_passed(log: Store, path: str, found: list[str]) -> None:
    with log.reading() as connection:
        page = search.search(connection, Query(path=path))
        assert [contact.id for contact in page.items] == found


def test_everything_asked_for_must_hold(log: Store) -> None:
    with log.reading() as connection:
        both = Query(words="parcel", path="menu")
        assert [c.id for c in search.search(connection, both).items] == ["con_1"]
        on_sms = Query(words="parcel", which=ContactFilter(channel="sms"))
        assert [c.id for c in search.search(connection, on_sms).items] == ["con_3"]
        neither = Query(words="parcel", path="hotline/menu")
        assert search.search(connection, neither).items == ()


def test_an_export_gives_everything_once_in_batches(log: Store) -> None:
    with log.reading() as connection:
        batches = [[c.id for c in batch] for batch in search.export(connection, Query(), batch=2)]
        assert batches == [["con_5", "con_4"], ["con_3", "con_2"], ["con_1"]]
        assert list(search.export(connection, Query(words="nothing like it"))) == []


def test_a_page_of_a_search_goes_on_where_the_last_one_ended(log: Store) -> None:
    with log.reading() as connection:
        first = search.search(connection, Query(words="parcel"), limit=1)
        second = search.search(connection, Query(words="parcel"), first.next_cursor, limit=1)
    assert [c.id for c in (*first.items, *second.items)] == ["con_3", "con_1"]
    assert second.next_cursor is None
