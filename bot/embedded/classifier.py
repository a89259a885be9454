"""The intent classifier: a linear model of sparse features, in plain Python.

Training is the averaged multi-class passive-aggressive algorithm PA-I of Crammer et al., "Online
Passive-Aggressive Algorithms" (JMLR 2006), on length-normalised inverse-document-frequency
features: a support-vector machine in spirit, at a cost that needs no numeric library. Confidence is
the softmax of the scores, sharpened by one factor that is fitted on sentences the model did not see.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

Vector = list[tuple[str, float]]

_EPOCHS = 8
_AGGRESSIVENESS = 0.4
_FOLDS = 3
_SEED = 20


class Model(msgspec.Struct, frozen=True):
    """A trained classifier, as it is cached.

    ``weights`` maps a feature to its inverse document frequency and its weight for some labels (by
    index); ``sharpness`` turns scores into calibrated probabilities.
    """

    labels: tuple[str, ...]
    weights: dict[str, tuple[float, dict[int, float]]]
    sharpness: float

    def rank(self, found: Sequence[str]) -> list[tuple[str, float]]:
        """Every label with its probability, the likeliest first (ties in order of the alphabet)."""
        scores, known = self._scores(found)
        top = max(scores)
        masses = [math.exp((score - top) * self.sharpness) for score in scores]
        total = sum(masses)
        ranked = [(label, known * mass / total) for label, mass in zip(self.labels, masses, strict=True)]
        ranked.sort(key=lambda pair: (-pair[1], pair[0]))
        return ranked

    def _scores(self, found: Sequence[str]) -> tuple[list[float], float]:
        """Scores by label, and 1 where the model knows any of the features (else 0)."""
        scores = [0.0] * len(self.labels)
        square = 0.0
        known = 0.0
        rarest = math.log(1 + len(self.weights))
        for feature in found:
            entry = self.weights.get(feature)
            if entry is None:
                square += rarest
                continue
            known = 1.0
            rarity, row = entry
            square += rarity * rarity
            for label, weight in row.items():
                scores[label] += rarity * weight
        if square:
            length = math.sqrt(square)
            scores = [score / length for score in scores]
        return scores, known


Progress = Callable[[float], None]


def train(samples: Sequence[tuple[list[str], str]], progress: Progress = lambda share: None) -> Model:
    """Learn from (features, label) pairs; the same samples always give the same model."""
    labels = tuple(sorted({label for _, label in samples}))
    index = {label: position for position, label in enumerate(labels)}
    encoded = [(found, index[label]) for found, label in samples]
    order = list(range(len(encoded)))
    random.Random(_SEED).shuffle(order)  # noqa: S311 -- the order of training, not a secret
    unseen: list[tuple[list[float], int]] = []
    for fold in range(_FOLDS):
        held = set(order[fold::_FOLDS])
        model = _fit([encoded[i] for i in order if i not in held], labels)
        unseen += [(model._scores(encoded[i][0])[0], encoded[i][1]) for i in sorted(held)]
        progress((fold + 1) / (_FOLDS + 1))
    model = _fit([encoded[i] for i in order], labels)
    progress(1.0)
    return msgspec.structs.replace(model, sharpness=_fit_sharpness(unseen))


def _fit(samples: list[tuple[list[str], int]], labels: tuple[str, ...]) -> Model:
    counts = Counter(feature for found, _ in samples for feature in found)
    total = len(samples) + 1
    rarity = {feature: math.log(total / (1 + count)) + 1 for feature, count in counts.items()}
    vectors = [(_normalise(found, rarity), label) for found, label in samples]
    rows: dict[str, dict[int, float]] = {feature: {} for feature in rarity}
    late: dict[str, dict[int, float]] = {feature: {} for feature in rarity}
    shuffler = random.Random(_SEED)  # noqa: S311 -- the order of training, not a secret
    step = 0
    for _ in range(_EPOCHS):
        shuffler.shuffle(vectors)
        for vector, label in vectors:
            step += 1
            _learn(rows, late, (vector, label, step), len(labels))
    weights = {
        feature: (
            rarity[feature],
            {label: round(value - late[feature][label] / step, 4) for label, value in row.items()},
        )
        for feature, row in rows.items()
    }
    return Model(labels=labels, weights=weights, sharpness=1.0)


def _learn(
    rows: dict[str, dict[int, float]],
    late: dict[str, dict[int, float]],
    sample: tuple[Vector, int, int],
    size: int,
) -> None:
    """One step of PA-I; ``late`` collects what the average over all steps lacks of each weight."""
    vector, label, step = sample
    scores = [0.0] * size
    for feature, value in vector:
        for other, weight in rows[feature].items():
            scores[other] += value * weight
    right = scores[label]
    scores[label] = -math.inf
    rival = max(range(size), key=scores.__getitem__)
    loss = 1.0 - right + scores[rival]
    if loss <= 0:
        return
    rate = min(_AGGRESSIVENESS, loss / 2)
    for feature, value in vector:
        change = rate * value
        row, behind = rows[feature], late[feature]
        row[label] = row.get(label, 0.0) + change
        row[rival] = row.get(rival, 0.0) - change
        behind[label] = behind.get(label, 0.0) + change * step
        behind[rival] = behind.get(rival, 0.0) - change * step


def _normalise(found: list[str], rarity: dict[str, float]) -> Vector:
    length = math.sqrt(sum(rarity[feature] ** 2 for feature in found)) or 1.0
    return [(feature, rarity[feature] / length) for feature in found]


def _fit_sharpness(unseen: list[tuple[list[float], int]]) -> float:
    """The factor with the least log loss on sentences that were not learnt, by golden section."""

    def loss(sharpness: float) -> float:
        total = 0.0
        for scores, label in unseen:
            top = max(scores)
            mass = sum(math.exp((score - top) * sharpness) for score in scores)
            total += math.log(mass) - (scores[label] - top) * sharpness
        return total

    low, high = 0.5, 60.0
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(18):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return round((low + high) / 2, 3)
