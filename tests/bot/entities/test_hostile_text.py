"""No text costs more than its length allows. Costs are counted, never timed."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from types import FrameType
from typing import Any

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import bot.embedded.recognisers
from bot.embedded import known_words
from bot.embedded.entities import Extractor, mark
from bot.embedded.patterns import MOST_STEPS, check_pattern, steps_of
from bot.embedded.project import Nlu
from bot.embedded.text import MAX_CHARACTERS, clean, squeeze
from bot.embedded.yaml_lines import ProjectError
from tests.bot.entities.backtracking import Matcher

PACKAGE = pkgutil.iter_modules(bot.embedded.recognisers.__path__, "bot.embedded.recognisers.")
MODULES = [
    *(one.name for one in PACKAGE),
    *(f"bot.embedded.{name}" for name in ("corrections", "entities", "known_words", "roles", "text")),
]


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _patterns_in(one)


OURS = {
    f"{name.rpartition('.')[2]}.{attribute}[{place}]": pattern
    for name in MODULES
    for attribute, value in vars(importlib.import_module(name)).items()
    for place, pattern in enumerate(_patterns_in(value))
}
"""Every pattern of the extractor, by its name."""

PIECES = [
    "a", "A", "1", "我", "+1 (", "1 ", "1-", "one ", "@", "a.", "a@", "1.", "1,", "一", "一月", "1月", "1/",
    "$1", "CC-", "double ", "oh, ", "o ", "first ", "and ", "one and ", "a 1 ", "not 1234 ", "one hundred ",
    "一百", "一万", "两个零", "12 ", "keybord ", "abcdefgh ", "coffee ", "13800138000 ", "+4930901820 ",
    "3天后", "下下", "5月11号", "20 euros ", "20-", "a at b dot com ", " at ", "a dot ", "no, ",
    "no, 1234 ", "不是", "is my ", "order ", "number ", "the ", "1 000", "1,000", "may 5 ", "next week ",
    "İ", "́", "½", "🙂", "'", "  ",
]  # fmt: skip


def test_no_pattern_of_ours_can_take_many_steps() -> None:
    assert len(OURS) > 50
    assert {
        name: steps_of(one.pattern) for name, one in OURS.items() if steps_of(one.pattern) > MOST_STEPS
    } == {}


@pytest.mark.parametrize("name", OURS)
def test_the_bound_holds_for_what_a_backtracking_engine_does(name: str) -> None:
    pattern = OURS[name].pattern
    bound = steps_of(pattern)
    for piece in PIECES:
        matcher = Matcher(pattern, (piece * 40)[:40])
        matcher.every_way(0)
        assert matcher.steps <= bound * STEPS_A_PART, piece


STEPS_A_PART = 3
"""The counting matcher counts a sequence, its part and its end apart."""

SHORT_PATTERNS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", "(?:)", "a?", "b*", "(?=a)", "(?<!b)"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join).map("(?:{})".format),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{1,3}", "{0,4}?", "?+", "{1,3}+"])).map(
            lambda both: f"(?:{both[0]}){both[1]}"
        ),
    ),
    max_leaves=7,
)


@settings(deadline=None, max_examples=300)
@given(SHORT_PATTERNS, st.text("ab", max_size=9))
@example("(?:a|a){1,9}b", "a" * 9)
@example("(?:a?){9}", "a" * 9)
def test_the_bound_holds_for_any_pattern(pattern: str, text: str) -> None:
    assume(steps_of(pattern) <= MOST_STEPS)
    matcher = Matcher(pattern, text)
    matcher.every_way(0)
    assert matcher.steps <= steps_of(pattern) * STEPS_A_PART


@settings(deadline=None)
@given(SHORT_PATTERNS, st.text("ab", max_size=9))
def test_the_counting_matcher_finds_what_python_finds(pattern: str, text: str) -> None:
    assume(steps_of(pattern) <= MOST_STEPS)
    assert Matcher(pattern, text).matches(0) is (re.match(pattern, text) is not None)


@pytest.mark.parametrize(
    "pattern",
    ["(?:a|a){1,64}b", "(?:a?){30}", "a{0,64}a{0,64}a{0,64}b", ".*.*", "(?:a|ab|b){1,40}c",
     "(?:[a-z]b?|x){1,64}y", "a?" * 40 + "a" * 40, "(?:(?:a|b)|[ab]){2,64}"],
)  # fmt: skip
def test_patterns_with_too_many_ways_are_refused(pattern: str) -> None:
    with pytest.raises(ProjectError, match=r"data/nlu\.yml:5: .*(too many ways|repeats a repetition)"):
        check_pattern(pattern, "data/nlu.yml", 5)


@pytest.mark.parametrize(
    "pattern",
    ["(?<![A-Za-z0-9-])[Cc]{2}-?[0-9]{4,10}(?![A-Za-z0-9])", "order.*", "[a-z]{1,64}-[a-z]{1,64}",
     "(?:foo|bar){1,9}", "(?i)(?:red|green|blue) (?:shoes?|shirts?)", "[A-Z]{2}[0-9]{6}|[0-9]{10}"],
)  # fmt: skip
def test_everyday_patterns_are_accepted(pattern: str) -> None:
    check_pattern(pattern, "data/nlu.yml", 5)


class Counter:
    """Counts the calls of a function."""

    def __init__(self) -> None:
        self.calls = 0


def _count(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Counter:
    counter = Counter()
    counted = getattr(owner, name)

    def call(*arguments: object, **named: object) -> object:
        counter.calls += 1
        return counted(*arguments, **named)

    monkeypatch.setattr(owner, name, call)
    return counter


@pytest.mark.parametrize("piece", PIECES)
def test_work_is_bounded_by_the_length(
    piece: str, extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers looked up, spellings compared and candidates weighed for 2,000 hostile characters."""
    parsed = _count(monkeypatch, phonenumbers, "parse")
    compared = _count(monkeypatch, known_words, "_is_one_slip")
    weighed = _count(monkeypatch, extractor, "_fits")
    text = clean(piece * MAX_CHARACTERS)
    found = extractor.extract(text)
    assert len(found) <= 400
    assert parsed.calls <= 8
    assert compared.calls <= 2 * len(text)
    assert weighed.calls <= 2 * len(text)


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_is_at_most_twice_the_work(piece: str, extractor: Extractor) -> None:
    """Counted in lines of our code; the patterns' part is bounded above."""
    few, many = (_lines_run(extractor, clean(piece * 600)[:length]) for length in (300, 600))
    assert many <= 2.4 * few + 500


def _lines_run(extractor: Extractor, text: str) -> int:
    lines = 0

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        extractor.extract(text)
    finally:
        sys.settrace(before)
    return lines


def test_a_long_list_costs_a_message_nothing(nlu: Nlu, monkeypatch: pytest.MonkeyPatch) -> None:
    from msgspec.structs import replace

    from tests.bot.entities.conftest import DOMAIN

    names = tuple(
        f"{chr(97 + one % 26)}{chr(97 + one // 26 % 26)}gadget{'x' * (one % 7)}" for one in range(5000)
    )
    long = Extractor(DOMAIN, replace(nlu, lookups={**nlu.lookups, "product": names}))
    compared = _count(monkeypatch, known_words, "_is_one_slip")
    assert [one.value for one in long.extract("my abgadgett is broken")] == ["abgadget"]
    assert compared.calls <= 200


NOISE = st.lists(
    st.sampled_from(PIECES) | st.text(max_size=5) | st.characters(), max_size=60
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(NOISE | st.text(max_size=400), st.sets(st.sampled_from(["order_number", "phone", "amount", "date"])))
def test_any_text_is_read(extractor: Extractor, raw: str, expected: set[str]) -> None:
    text = clean(raw)
    found = extractor.extract(text, frozenset(expected))
    assert found == extractor.extract(text, frozenset(expected))
    end = 0
    for one in found:
        assert end <= one.start < one.end <= len(text)
        assert one.value
        end = one.end
    assert mark(text, found).count("<") >= len(found)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(extractor: Extractor, raw: bytes) -> None:
    for encoding in ("utf-8", "latin-1", "utf-16"):
        extractor.extract(clean(raw.decode(encoding, "replace")))


CLEAN = [
    ("or\u200bder", "order"),
    ("\ufeffhello\u200e", "hello"),
    ("\u202eabc\u202c", "abc"),
    ("so\u00adft", "soft"),
    ("a\u00a0\u3000b\t\nc", "a b c"),
    ("ｈｅｌｌｏ　１２３", "hello 123"),
    ("1️⃣2️⃣", "12"),
    ("thanks 🙂", "thanks 🙂"),
    ("a\x00b", "a b"),
    ("\ud800x", "x"),
    ("e\u0301", "é"),
    ("  plain  text ", "plain text"),
]


@pytest.mark.parametrize(("raw", "cleaned"), CLEAN)
def test_clean(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(st.text() | NOISE)
def test_clean_text_is_short_printable_and_stays_clean(raw: str) -> None:
    cleaned = clean(raw)
    assert len(cleaned) <= MAX_CHARACTERS
    assert "  " not in cleaned
    assert cleaned.isprintable()
    assert clean(cleaned) == cleaned


KNOWN = frozenset(["good", "please", "so", "too", "hello"])
SQUEEZED = [
    ("pleeease", "please"),
    ("sooooo goood", "so good"),
    ("HELLOOOO", "HELLO"),
    ("tooo", "too"),
    ("grrrr 1000 aaa", "gr 1000 a"),
    ("too good", "too good"),
    ("我我我我", "我我我我"),
    ("1000", "1000"),
]


@pytest.mark.parametrize(("text", "squeezed"), SQUEEZED)
def test_stretched_words_are_shortened(text: str, squeezed: str) -> None:
    assert squeeze(text, KNOWN) == squeezed


def test_the_pieces_are_all_different() -> None:
    assert len(set(PIECES)) == len(list(islice(PIECES, 100)))
