"""What words mean: digits, yes and no, and the choice that a sentence names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.hearing import LONGEST, best_choice, bounded, fold, keys_of, yes_or_no


@pytest.mark.parametrize(
    ("text", "extra", "keys"),
    [
        ("1234", "", "1234"),
        ("12 34-56", "", "123456"),
        ("１２３４", "", "1234"),
        ("٣٤", "", "34"),
        ("one two three", "", "123"),
        ("Oh one OH two", "", "0102"),
        ("double five six", "", "556"),
        ("triple seven", "", "777"),
        ("一二三", "", "123"),
        ("幺零幺", "", "101"),
        ("两个", "", "2"),
        ("单号 123", "", "123"),
        ("my number is 1 2 3 please", "", "123"),
        ("press one", "", "1"),
        ("two for five", "", "245"),
        ("for", "", "4"),
        ("i want it for you", "", None),
        ("order 12 from 3 days ago", "", None),
        ("hello", "", None),
        ("", "", None),
        ("010*021", "*", "010*021"),
        ("zero one star two", "*", "01*2"),
        ("zero one star two", "", None),
    ],
)
def test_keys_in_words(text: str, extra: str, keys: str | None) -> None:
    assert keys_of(text, extra) == keys


@pytest.mark.parametrize(("text", "keys"), [("one two", "12"), ("三亚", None), ("press one", None)])
def test_whole_takes_nothing_but_digits(text: str, keys: str | None) -> None:
    assert keys_of(text, whole=True) == keys


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("yes", True),
        ("Yes, please.", True),
        ("that is correct", True),
        ("ＯＫ", True),
        ("1", True),
        ("是的", True),
        ("对，没错", True),
        ("好的谢谢", True),
        ("no", False),
        ("no thanks", False),
        ("not right", False),
        ("incorrect", False),
        ("2", False),
        ("不是", False),
        ("不对", False),
        ("yes no", None),
        ("I am not sure", None),
        ("perhaps", None),
        ("I know", None),
        ("", None),
        ("yes " * 100, None),
    ],
)
def test_yes_and_no(text: str, meaning: bool | None) -> None:
    assert yes_or_no(text) is meaning


PHRASES = {"billing": "b", "bill": "b", "sales": "s", "账单": "b", "售后": "a", "不是": "n", "是": "y"}


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("BILLING", "b"),
        ("the bill and billing", "b"),
        ("I have a question about sales, thanks", "s"),
        ("sales or billing", None),
        ("我想查账单", "b"),
        ("我 要 查 账 单", "b"),
        ("我要billing", "b"),
        ("wholesales", None),
        ("不是", "n"),
        ("", None),
    ],
)
def test_the_choice_a_sentence_names(text: str, choice: str | None) -> None:
    assert best_choice(text, PHRASES) == choice


def test_folding_levels_case_width_and_punctuation() -> None:
    assert fold("  Ｈello,   WORLD！ ") == "hello world"


def test_what_a_store_cannot_keep_is_gone() -> None:
    assert bounded("a\0b\ud800") == "ab?"
    assert len(bounded("x" * (LONGEST + 1))) == LONGEST


@given(st.text(max_size=3_000))
def test_no_text_raises_and_keys_are_keys(text: str) -> None:
    assert set(keys_of(text, "*#") or "") <= set("0123456789*#")
    assert yes_or_no(text) in (True, False, None)
    assert best_choice(text, PHRASES) in {None, *PHRASES.values()}
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="0123456789", min_size=1, max_size=60))
def test_digits_spelled_apart_are_the_digits(digits: str) -> None:
    assert keys_of(" ".join(digits)) == digits
    assert keys_of("".join("零一二三四五六七八九"[int(digit)] for digit in digits)) == digits
