"""``log reindex``, and what a search says of contacts that are not in the index yet."""

from __future__ import annotations

import pytest

from crm_store import contact_words, schema
from crm_store.store import Store
from tests.cli.conftest import Program


def lose(store: Store) -> None:
    """An index that has nothing, and no notes of what it misses."""
    with store.writing() as connection:
        connection.execute(schema.contact_words.delete())
        connection.execute(schema.contact_words_due.delete())


def found(program: Program) -> list[str]:
    page = program.json("log", "search", "--words", "parcel")
    return [contact["id"] for contact in page["items"]]


@pytest.mark.parametrize("how", [[], ["--all"]])
def test_a_lost_index_is_made_anew(program: Program, how: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contact_center.cli.log.TELL_BATCHES", 1)
    lose(program.store)
    assert found(program) == []
    result = program.run("log", "reindex", *how)
    assert result.exit_code == 0
    assert "4 contacts are in the index" in result.stdout
    assert "as far as con_" in result.stderr
    assert found(program) == [program.samples.call]
    assert program.lines("log", "reindex")[-1].startswith("4 contacts are in the index")


def test_it_goes_on_behind_a_contact(program: Program) -> None:
    lose(program.store)
    last = max(program.samples.call, program.samples.text, program.samples.withheld, program.samples.stopped)
    program.lines("log", "reindex", "--all", "--after", last)
    with program.store.reading() as connection:
        assert contact_words.count(connection) == 0


def test_a_search_says_what_it_cannot_know(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contact_center.cli.log.MOST_CHANGES", 0)
    result = program.run("log", "search", "parcel")
    assert "not in the index yet" in result.stderr
    assert program.json("log", "search", "parcel")["unindexed"] > 0


def test_words_without_letters_are_refused(program: Program) -> None:
    assert "letter or digit" in program.error("log", "search", "--words", "%%")
    assert "letter or digit" in program.error("log", "export", "--words", "%%")
