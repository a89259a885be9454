"""Confidence follows how often the scores are right."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.nlu.calibration import UNFITTED, calibrate
from bot.nlu.matrices import Matrix


def _scores(noise: float, seed: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Five labels; the right one has 1 more than the others, under noise."""
    random = np.random.default_rng(seed)
    column = np.arange(2000) % 5
    scores = random.standard_normal((2000, 5)) * noise
    scores[np.arange(2000), column] += 1
    return scores.astype(np.float32), column.astype(np.int64)


@pytest.mark.parametrize("noise", [0.2, 0.5, 0.8])
def test_mean_confidence_is_the_share_that_is_right(noise: float) -> None:
    unseen, column = _scores(noise, 1)
    fitted = calibrate(unseen, column, np.full_like(unseen, -3.0))
    scores, asked = _scores(noise, 2)
    chances = fitted.probabilities(scores)
    right = float((chances.argmax(axis=1) == asked).mean())
    assert float(chances.max(axis=1).mean()) == pytest.approx(right, abs=0.03)


def test_what_looks_strange_is_believed_less() -> None:
    unseen, column = _scores(0.1, 3)
    strange = np.random.default_rng(4).standard_normal(unseen.shape).astype(np.float32) * 0.1
    fitted = calibrate(unseen, column, strange)
    assert fitted.probabilities(unseen).max(axis=1).mean() > 0.9
    assert fitted.probabilities(strange).max(axis=1).mean() < 0.2


def test_too_few_samples_teach_nothing_about_confidence() -> None:
    unseen, column = _scores(0.1, 5)
    assert calibrate(unseen[:20], column[:20], unseen[:20]) == UNFITTED


def test_extreme_scores_stay_probabilities() -> None:
    scores = np.array([[1e6, -1e6], [-1e6, -1e6], [0, 0]], dtype=np.float32)
    chances = UNFITTED.probabilities(scores)
    assert np.isfinite(chances).all()
    assert ((chances >= 0) & (chances <= 1)).all()
