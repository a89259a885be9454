"""Long texts in pieces: nothing lost, nothing too long, cut where a person would pause."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.channels.text_limits import sms_length, split_text


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("", 10, []),
        ("   ", 10, []),
        ("short", 10, ["short"]),
        ("One two. Three four.", 12, ["One two.", "Three four."]),
        ("第一句。第二句！第三句？", 8, ["第一句。第二句！", "第三句？"]),
        ("one, two three four", 10, ["one, two", "three four"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("It costs 3.50 today", 14, ["It costs 3.50", "today"]),
        ('He said "no." Then left', 15, ['He said "no."', "Then left"]),
        ("line one\nline two", 12, ["line one", "line two"]),
    ],
)
def test_split(text: str, limit: int, pieces: list[str]) -> None:
    assert split_text(text, limit) == pieces


@pytest.mark.parametrize(
    ("text", "length"),
    [("hello", 5), ("5 €", 4), ("[x]", 5), ("你好", 2), ("ok 👍", 5), ("€ 好", 3), ("ñÑ", 2), ("ç", 1)],
)
def test_sms_length(text: str, length: int) -> None:
    assert sms_length(text) == length


@settings(deadline=None)
@given(st.text(alphabet="ab .,。！\n€[🌍你é", max_size=300), st.integers(2, 40))
def test_pieces_hold_the_text_and_fit(text: str, limit: int) -> None:
    pieces = split_text(text, limit, sms_length)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece and piece == piece.strip() and sms_length(piece) <= limit for piece in pieces)
