"""Where the words that somebody looks for were said."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store import messages, recordings, schema, works
from crm_store.excerpts import LENGTH, around, excerpts
from crm_store.ids import Ids
from crm_store.journal import NewEntry
from crm_store.recordings import RecordingReport
from crm_store.store import Store
from crm_store.works import Work
from tests.store.making import AT, add_contact


def said(*texts: str) -> tuple[NewEntry, ...]:
    return tuple(
        NewEntry(AT + timedelta(seconds=number), "input", {"kind": "words", "text": text})
        for number, text in enumerate(texts)
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("parcel", "the parcel is broken"),
        ("BROKEN parcel", "the parcel is broken"),
        ("brok", "the parcel is broken"),
        ('"two weeks"', "I waited two weeks"),
        ("快递", "快递坏了，我要投诉"),
        ("投诉", "快递坏了，我要投诉"),
        ("weekend", None),
        ("%%", None),
    ],
)
def test_the_text_with_most_of_the_words_is_shown(store: Store, words: str, found: str | None) -> None:
    with store.writing() as connection:
        add_contact(connection, "con_1", said("hello", "the parcel is broken", "I waited two weeks"))
        add_contact(connection, "con_2", said("快递坏了，我要投诉"))
    with store.reading() as connection:
        shown = excerpts(connection, words, ["con_1", "con_2"])
    assert list(shown.values()) == ([] if found is None else [found])


def test_messages_notes_and_transcripts_are_looked_through(store: Store, ids: Ids) -> None:
    with store.writing() as connection:
        for name in ("con_message", "con_note", "con_recording", "con_other"):
            add_contact(connection, name)
        row = messages.inbound_row("msg_1", "con_message", "a needle, written", AT)
        connection.execute(schema.messages.insert(), row)
        report = RecordingReport(contact_id="con_recording", provider_ref="RE1", transcript="a needle, said")
        recordings.upsert(connection, report, AT, ids)
        works.insert(
            connection,
            Work(
                id="wrk_1",
                contact_id="con_note",
                kind="call",
                queue="sales",
                queued_at=AT,
                entered_at=AT,
                note="a needle, noted",
            ),
        )
    with store.reading() as connection:
        asked_for = ["con_message", "con_note", "con_recording", "con_none"]
        assert excerpts(connection, "needle", asked_for) == {
            "con_message": "a needle, written",
            "con_note": "a needle, noted",
            "con_recording": "a needle, said",
        }


@given(st.text(max_size=400), st.text(max_size=400))
def test_of_a_long_text_what_is_around_the_word_is_shown(before: str, after: str) -> None:
    text = f"{before} needle {after}"
    shown = around(text, frozenset({"needle"}))
    assert len(shown) <= LENGTH + 2
    if len(before.lower()) == len(before) and unicodedata.is_normalized("NFKC", before):
        assert "needle" in shown
