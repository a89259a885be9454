"""Turns scores into probabilities that hold: fitted on scores of samples that were not learnt.

Two questions are kept apart. Which label, if any of them: a softmax of the scores, sharpened by one
factor. Whether any: a logistic function of how much score there is in all, fitted on samples scored by
models without their own label, which is how something new looks. The product is a label's probability;
what is missing from 1 is that of "none of these".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.nlu.matrices import Matrix

_STRANGE_SHARE = 0.1
"""How many of the messages are taken to be about something else entirely."""

_ENOUGH = 60
_STEPS = 30
_SOFT = 1e-3


@dataclass(frozen=True)
class Calibration:
    """``sharpness`` of the softmax; slope and offset of the logistic function."""

    sharpness: float
    familiar: tuple[float, float]

    def probabilities(self, scores: Matrix) -> Matrix:
        """A row of probabilities for each row of scores; a row sums to at most 1."""
        slope, offset = self.familiar
        raised = np.clip(slope * _mass(scores, self.sharpness) + offset, -30, 30)
        return np.asarray(_softmax(scores, self.sharpness) / (1 + np.exp(-raised))[:, None], dtype=np.float32)


UNFITTED = Calibration(sharpness=12.0, familiar=(0.0, 3.0))
"""For samples that are too few to learn from how sure one may be."""


def calibrate(unseen: Matrix, column: NDArray[np.int64], strange: Matrix) -> Calibration:
    """From scores of samples not learnt, the right label's place in each, and scores of strange ones."""
    if len(column) < _ENOUGH or unseen.shape[1] < 2:
        return UNFITTED
    sharpness = _fit_sharpness(unseen, column)
    others = strange.copy()
    others[np.arange(len(column)), column] = -1.0
    return Calibration(sharpness, _fit_familiarity(_mass(unseen, sharpness), _mass(others, sharpness)))


def _mass(scores: Matrix, sharpness: float) -> NDArray[np.float64]:
    """How much score a row has in all: a smooth maximum, higher where several labels are near it."""
    raised = scores.astype(np.float64) * sharpness
    top = raised.max(axis=1)
    return np.asarray((top + np.log(np.exp(raised - top[:, None]).sum(axis=1))) / sharpness)


def _softmax(scores: Matrix, sharpness: float) -> NDArray[np.float64]:
    raised = (scores - scores.max(axis=1, keepdims=True)).astype(np.float64) * sharpness
    masses = np.exp(raised)
    return np.asarray(masses / masses.sum(axis=1, keepdims=True))


def _fit_sharpness(unseen: Matrix, column: NDArray[np.int64]) -> float:
    """The factor with the least log loss, by golden section."""
    right = unseen[np.arange(len(column)), column][:, None].astype(np.float64)
    lead = unseen.astype(np.float64) - right

    def loss(sharpness: float) -> float:
        raised = lead * sharpness
        top = raised.max(axis=1)
        return float(np.mean(top + np.log(np.exp(raised - top[:, None]).sum(axis=1))))

    low, high = 0.5, 60.0
    ratio = (5**0.5 - 1) / 2
    for _ in range(24):
        left, right_ = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right_):
            high = right_
        else:
            low = left
    return round((low + high) / 2, 3)


def _fit_familiarity(seen: NDArray[np.float64], strange: NDArray[np.float64]) -> tuple[float, float]:
    """Logistic regression by Newton's method, a little regularised."""
    mass = np.concatenate([seen, strange])
    facts = np.stack([mass, np.ones(len(mass))], axis=1)
    target = np.concatenate([np.ones(len(seen)), np.zeros(len(strange))])
    weight = np.where(target == 1, 1 - _STRANGE_SHARE, _STRANGE_SHARE)
    factors = np.zeros(2)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(facts @ factors, -30, 30)))
        slope = facts.T @ (weight * (target - chance)) - _SOFT * factors
        curve = (facts * (weight * chance * (1 - chance))[:, None]).T @ facts + _SOFT * np.eye(2)
        factors = factors + np.linalg.solve(curve, slope)
    return round(float(factors[0]), 5), round(float(factors[1]), 5)
