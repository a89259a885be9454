"""Folds, cross-validation, figures, learning curves and calibration, against what they are defined to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.bot_lab.calibration import calibration_error, reliability
from contact_center.bot_lab.evaluation import (
    Thresholds,
    by_language_of,
    cross_validate,
    figures,
    folds_of,
    guesses,
    learning_curve,
)
from contact_center.bot_lab.samples import Sample
from tests.bot_lab.making import FirstWord, guess, sample

SAMPLES = st.lists(
    st.builds(
        sample,
        st.text(alphabet="abc", min_size=1, max_size=4),
        st.sampled_from(["ask", "buy", "cry"]),
        st.sampled_from(["en", "zh"]),
    ),
    min_size=1,
    max_size=60,
)


@given(SAMPLES, st.integers(2, 8), st.integers(0, 5))
def test_folds_part_everything_evenly(samples: list[Sample], folds: int, seed: int) -> None:
    parts = folds_of(samples, folds, seed)
    assert sorted(position for part in parts for position in part) == list(range(len(samples)))
    assert folds_of(samples, folds, seed) == parts
    for intent in ("ask", "buy", "cry"):
        for language in ("en", "zh"):
            held = [
                sum((samples[one].intent, samples[one].language) == (intent, language) for one in part)
                for part in parts
            ]
            assert max(held) - min(held) <= 1


@given(SAMPLES, st.integers(2, 5))
def test_every_sample_is_guessed_by_a_model_that_has_not_seen_it(samples: list[Sample], folds: int) -> None:
    seen: list[Sequence[Sample]] = []

    class Witness(FirstWord):
        def __init__(self, learnt: Sequence[Sample]) -> None:
            super().__init__(learnt)
            seen.append(learnt)

    numbered = [
        Sample(one.text, one.intent, one.language, f"{one.text} {at}") for at, one in enumerate(samples)
    ]
    found = cross_validate(numbered, Witness, folds, seed=1)
    assert [one.sample for one in found] == numbered
    assert sum(len(numbered) - len(learnt) for learnt in seen) == len(numbered)


def test_figures_are_what_they_are_called() -> None:
    found = [
        guess("ask", "ask", 0.9),
        guess("ask", "ask", 0.5),
        guess("ask", "buy", 0.8),
        guess("buy", "buy", 0.7),
        guess("cry", "buy", 0.3),
    ]
    told = figures(found, Thresholds(least=0.6))
    assert (told.examples, told.accuracy) == (5, 3 / 5)
    assert told.asked_again == pytest.approx(2 / 5)
    assert told.accuracy_above == 2 / 3
    by_name = {one.intent: one for one in told.intents}
    ask, buy, cry = by_name["ask"], by_name["buy"], by_name["cry"]
    assert (ask.examples, ask.guessed, ask.precision, ask.recall) == (3, 2, 1.0, 2 / 3)
    assert ask.f1 == pytest.approx(2 * 1 * (2 / 3) / (1 + 2 / 3))
    assert (buy.precision, buy.recall) == (1 / 3, 1.0)
    assert (cry.precision, cry.recall, cry.f1) == (0.0, 0.0, 0.0)
    assert told.macro_f1 == pytest.approx((ask.f1 + buy.f1 + cry.f1) / 3)


@pytest.mark.parametrize(
    ("thresholds", "leaves"),
    [(Thresholds(), False), (Thresholds(least=0.61), True), (Thresholds(least=0.6), False),
     (Thresholds(ahead=0.25), True), (Thresholds(ahead=0.15), False)],
)  # fmt: skip
def test_a_guess_is_left_when_it_is_unsure_or_hardly_ahead(thresholds: Thresholds, leaves: bool) -> None:
    assert thresholds.leaves(guess("ask", "ask", 0.6)) is leaves


def test_nothing_amounts_to_nothing() -> None:
    told = figures([])
    assert (told.examples, told.accuracy, told.macro_f1, told.intents) == (0, 0.0, 0.0, ())
    assert guesses([], [], FirstWord) == []
    assert calibration_error(reliability([])) == 0.0


def test_guesses_are_parted_by_language() -> None:
    found = [guess("ask", "ask", 0.9, language=one) for one in ("zh", "en", "zh")]
    assert {name: len(part) for name, part in by_language_of(found).items()} == {"en": 1, "zh": 2}


def test_a_learning_curve_learns_from_so_many_of_each_and_leaves_out_what_there_is_not() -> None:
    learnt: list[Counter[tuple[str, str]]] = []

    class Witness(FirstWord):
        def __init__(self, samples: Sequence[Sample]) -> None:
            super().__init__(samples)
            learnt.append(Counter((one.intent, one.language) for one in samples))

    samples = [
        sample(f"{intent}{number % 5} {number}", intent, language)
        for intent in ("ask", "buy")
        for language in ("en", "zh")
        for number in range(20)
    ]
    small, large = learning_curve(samples, Witness, [2, 10, 30], seed=3, runs=2)
    assert [(point.size, point.runs) for point in (small, large)] == [(2, 2), (10, 2)]
    assert [set(counts.values()) for counts in learnt] == [{2}, {2}, {10}, {10}]
    assert small.accuracy < large.accuracy == 1.0
    assert large.languages == {"en": 1.0, "zh": 1.0}


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.integers(1, 20))
def test_reliability_holds_every_guess_once_in_its_bin(told: list[tuple[float, bool]], bins: int) -> None:
    found = [guess("ask", "ask" if right else "buy", sure) for sure, right in told]
    table = reliability(found, bins)
    assert sum(one.guesses for one in table) == len(found)
    assert sum(one.guesses * one.accuracy for one in table) == pytest.approx(sum(right for _, right in told))
    for one in table:
        assert not one.guesses or one.low <= one.confidence + 1e-9 <= one.high + 2e-9
    assert 0 <= calibration_error(table) <= 1


def test_calibration_error_of_what_is_known_by_hand() -> None:
    sure = [guess("ask", "ask", 0.95)] * 3 + [guess("ask", "buy", 0.95)]  # 0.95 said, 0.75 right
    unsure = [guess("ask", "ask", 0.45), guess("ask", "buy", 0.45)]  # 0.45 said, 0.5 right
    error = calibration_error(reliability(sure + unsure))
    assert error == pytest.approx((4 * 0.20 + 2 * 0.05) / 6)
