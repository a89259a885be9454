from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_store import contacts, journal, schema
from crm_store.errors import Conflict, NotFound
from crm_store.journal import Entry, NewEntry
from crm_store.store import Store, Unit
from tests.store.making import AT, add_contact

NOTE = NewEntry(AT, "note", {"actor": "agent:1", "text": "客户很着急"})
SURVEY = NewEntry(AT, "survey", {"score": 5})


def test_entries_are_read_in_order_from_where_one_wants(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", (SURVEY, NOTE))
        add_contact(connection, "con_2", (NOTE,))
    with store.reading() as connection:
        assert journal.read(connection, "con_1") == [
            Entry("con_1", 0, AT, "survey", {"score": 5}),
            Entry("con_1", 1, AT, "note", NOTE.data),
        ]
        assert [entry.seq for entry in journal.read(connection, "con_1", first=1)] == [1]
        assert journal.read(connection, "con_3") == []


def test_appending_goes_on_with_the_numbers_and_moves_the_contact_on(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", (SURVEY,), version=7)
    with store.writing() as connection:
        assert journal.append(connection, "con_1", [NOTE, NOTE]) == 8
    with store.writing() as connection:
        assert journal.append(connection, "con_1", []) == 8
    with store.reading() as connection:
        contact = contacts.get(connection, "con_1")
        assert (contact.version, contact.journal_length) == (8, 3)
        assert [entry.seq for entry in journal.read(connection, "con_1")] == [0, 1, 2]


async def test_a_turn_that_was_computed_before_an_append_is_a_conflict(store: Store) -> None:
    with store.writing() as connection:
        before = add_contact(connection, "con_1")
    with store.writing() as connection:
        journal.append(connection, "con_1", [NOTE])
    turn = Unit()
    turn.update("contacts", "con_1", before.version, {"turn": 1, "journal_length": 1})
    for row in journal.rows("con_1", before.journal_length, [SURVEY]):
        turn.insert("journal", row)
    with pytest.raises(Conflict):
        await store.commit(turn)
    with store.reading() as connection:
        assert [entry.kind for entry in journal.read(connection, "con_1")] == ["note"]


def test_an_append_that_read_before_somebody_wrote_is_a_conflict(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1")
    if store.is_sqlite:  # its writers come one after the other: there is no between
        return
    with store.writing() as connection:

        @sa.event.listens_for(connection, "after_cursor_execute", once=True)
        def write_in_between(*_: object) -> None:
            with store.writing() as other:
                journal.append(other, "con_1", [SURVEY])

        with pytest.raises(Conflict):
            journal.append(connection, "con_1", [NOTE])
    with store.reading() as connection:
        assert [entry.kind for entry in journal.read(connection, "con_1")] == ["survey"]


def test_nothing_is_written_for_a_contact_that_is_not_there(store: Store) -> None:
    with store.writing() as connection, pytest.raises(NotFound, match="con_9"):
        journal.append(connection, "con_9", [NOTE])


def test_a_kind_that_nobody_explained_is_refused(store: Store) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1")
        with pytest.raises(ValueError, match="suprise"):
            journal.append(connection, "con_1", [NewEntry(AT, "suprise")])


def test_kinds_fit_their_column_and_say_what_they_mean() -> None:
    width = schema.journal.c.kind.type.length  # type: ignore[attr-defined]  # a String
    for kind, meaning in journal.KINDS.items():
        assert len(kind) <= width
        assert kind == kind.lower()
        assert meaning
