"""Slips of the keyboard are put right, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.spelling import Speller

WORDS = {"where": 9, "order": 12, "parcel": 4, "orders": 2, "refund": 7, "open": 3, "border": 1}
SPELLER = Speller(WORDS, lambda word: word in {"other", "elder"})


@pytest.mark.parametrize(
    ("written", "put_right"),
    [
        ("wher is my ordr", "where is my order"),
        ("my prcel", "my parcel"),
        ("Refnud please", "refund please"),
        ("ordder", "order"),
        ("pracel", "parcel"),
        ("orderx", "order"),
        ("my order", "my order"),
        ("other people", "other people"),
        ("an elder", "an elder"),
        ("opn it", "opn it"),
        ("xorderx", "xorderx"),
        ("erder", "erder"),
        ("bordr", "bordr"),
        ("<ordr> ordr's", "<ordr> ordr's"),
        ("ordr123", "ordr123"),
        ("我的ordr到哪了", "我的ordr到哪了"),
        ("", ""),
    ],
)
def test_slips(written: str, put_right: str) -> None:
    assert SPELLER.correct(written) == put_right


@given(
    word=st.sampled_from(sorted(word for word in WORDS if WORDS[word] > 1)),
    place=st.integers(0, 20),
    letter=st.sampled_from("qxz"),
)
def test_one_wrong_letter_is_always_noticed(word: str, place: int, letter: str) -> None:
    place = 1 + place % (len(word) - 1)
    assert SPELLER.correct(word[:place] + letter + word[place + 1 :]) in WORDS


@given(text=st.text(alphabet=st.characters(), max_size=300))
def test_any_text_keeps_its_shape(text: str) -> None:
    changed = SPELLER.correct(text)
    assert len(changed.split()) == len(text.split())
