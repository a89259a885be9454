"""How words are cut for the search: English, Chinese, both at once, emoji, and what nobody would type."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.terms import LONGEST, MOST_BYTES, Wanted, asked, cut, fact, holds, span, times


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("My parcel is 100% broken!", {"my", "parcel", "is", "100", "broken"}),
        ("don't e-mail a_b", {"don", "t", "e", "mail", "a", "b"}),
        ("A1001, +86 138", {"a1001", "86", "138"}),
        ("ＡＢＣ １２３", {"abc", "123"}),  # full width
        ("ﬁne ①", {"fine", "1"}),  # a ligature, a number in a circle
        ("Straße ÉCOLE", {"straße", "école"}),
        ("E\u0301COLE", {"école"}),  # an accent of its own
        ("退款", {"退", "款", "退款"}),
        ("我要退款", {"我", "要", "退", "款", "我要", "要退", "退款"}),
        ("退", {"退"}),
        ("退，款", {"退", "款"}),
        ("iPhone15坏了", {"iphone15", "坏", "了", "坏了"}),
        ("退refund款", {"退", "refund", "款"}),
        ("𠀀𠀁", {"𠀀", "𠀁", "𠀀𠀁"}),  # beyond the 65,536 first characters
        ("👍🏽 ok 👨‍👩‍👧", {"ok"}),
        ("👍", set()),
        ("\0\ud800\u202e'\"%_:&|!()*", set()),
        ("a\0b", {"a", "b"}),
        ("", set()),
    ],
)
def test_text_is_cut_into_terms(text: str, terms: set[str]) -> None:
    assert cut([text]).terms == terms


def test_lines_hold_single_words_in_order_and_each_text_is_a_line_of_its_own() -> None:
    said = cut(["My parcel", "我要 it", "My parcel", "👍"])
    assert said.lines == " my parcel \n 我 要 it "


def test_a_word_without_end_is_cut_off_here_and_in_what_is_asked() -> None:
    word = "x" * 100_000
    assert cut([word]).terms == {"x" * LONGEST}
    assert holds(cut([word]), asked(word))


def test_no_contact_has_more_words_than_a_database_holds() -> None:
    said = cut(f"w{number}" for number in range(200_000))
    assert len(said.terms) > 10_000
    assert sum(len(term) + 1 for term in said.terms) <= MOST_BYTES
    assert len(cut(["乱" * 3 * MOST_BYTES]).lines) <= 2 * MOST_BYTES + 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("broken parcel", Wanted(frozenset({"broken"}), (), "parcel")),
        ('"broken parcel"', Wanted(frozenset({"broken", "parcel"}), (" broken parcel ",))),
        ("“broken parcel” now", Wanted(frozenset({"broken", "parcel"}), (" broken parcel ",), "now")),
        ('"parcel"', Wanted(frozenset({"parcel"}))),
        ('"broken par', Wanted(frozenset({"broken"}), (), "par")),  # not closed yet
        ('""', Wanted()),
        ("a", Wanted(frozenset({"a"}))),
        ("退款", Wanted(frozenset({"退款"}))),
        ("我要退", Wanted(frozenset({"我要", "要退"}))),
        ("退 款", Wanted(frozenset({"退", "款"}))),
        ("「退款」", Wanted(frozenset({"退款"}), (" 退 款 ",))),
        ("退款 par", Wanted(frozenset({"退款"}), (), "par")),
        ("par 退款", Wanted(frozenset({"par", "退款"}))),
        ("% 👍", Wanted()),
    ],
)
def test_what_is_asked_is_cut_in_the_same_way(text: str, wanted: Wanted) -> None:
    assert asked(text) == wanted


@given(st.text(), st.text())
def test_what_was_said_is_found_by_any_piece_between_two_words(before: str, text: str) -> None:
    said = cut([f"{before} {text}"])
    assert holds(said, asked(text))
    assert holds(said, asked(f'"{text.replace(chr(34), " ")}"')) or any(mark in text for mark in "“”„«»「」")


@given(st.text())
def test_databases_see_the_terms_as_they_were_cut(text: str) -> None:
    """No term holds what the tokenizer of FTS5, or a tsquery in quotation marks, would take apart."""
    terms = sorted(cut([text]).terms)
    assert all((term.isalnum() and term == term.lower()) or not term.isascii() for term in terms)
    assert not any(mark in term for term in terms for mark in "_'\\\" \0")


def test_fts5_keeps_terms_as_they_are() -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, detail=none, tokenize='ascii tokenchars _')")
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, row)")
        terms = {"straße", "退款", "𠀀𠀁", "abc1", fact("q", "a b'c"), "إلى"}
        connection.execute("INSERT INTO t VALUES (?)", (" ".join(terms),))
        assert {row[0] for row in connection.execute("SELECT term FROM v")} == terms
    connection.close()


def test_facts_are_told_apart_and_are_no_words() -> None:
    facts = {fact("q", "sales"), fact("q", "sale"), fact("a", "sales"), fact("q", "")}
    assert len(facts) == 4
    assert all(term[1:].isalnum() and term[0] == "_" for term in facts)


@given(
    st.integers(0, 4_000_000_000),
    st.timedeltas(timedelta(microseconds=1), timedelta(days=1200)),
    st.floats(0, 1, exclude_max=True),
)
def test_a_span_of_time_holds_every_instant_in_it(second: int, length: timedelta, part: float) -> None:
    start = datetime.fromtimestamp(second, UTC)
    terms = span(start, start + length)
    assert len(terms) <= 41
    if terms:
        assert set(times(start + length * part)) & set(terms)
        assert set(times(start + length - timedelta(microseconds=1))) & set(terms)
    else:
        assert length > timedelta(days=1000)
