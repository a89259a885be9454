"""The intent classifier: kernel ridge regression over a sentence encoder joined with n-grams.

Two sentences are as alike as the cosine of their vectors, averaged with the cosine of their n-grams;
the kernel is the exponential of that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.nlu.calibration import Calibration, calibrate
from bot.nlu.encoders.base import Encoder
from bot.nlu.errors import ModelDamaged, NluError
from bot.nlu.matrices import Matrix
from bot.nlu.model_file import Arrays, pack, unpack
from bot.nlu.ngrams import NgramIndex, features
from bot.nlu.ridge import Fit, fit, fit_landmarks
from bot.nlu.spelling import Speller
from bot.nlu.threads import give_back_memory

Progress = Callable[[float], None]
Ranked = list[tuple[str, float]]

_EXACT = 16_000
_LANDMARKS = 8_000
"""Up to how many examples every one of them counts; above, this many stand for all. Memory goes with the
square: about 2.5 GB while 16,000 are learnt, 0.4 GB with 5,000."""

_BATCH = 512
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class _Likeness:
    """How alike two sentences are, by the cosines of their n-grams and of their vectors.

    ``share`` is the n-grams', ``steepness`` says how fast likeness counts less with distance; ``ridge``
    is for the regression on it. Found on validation data (`benchmarks.bot_accuracy`) and, for the
    share, on misspelt sentences too, of which an encoder of meaning understands less.
    """

    share: float
    steepness: float
    ridge: float

    def __call__(self, ngrams: Matrix, meanings: Matrix | None) -> Matrix:
        """The kernel, in the place of ``ngrams``."""
        ngrams *= np.float32(self.share)
        if meanings is not None:
            ngrams += np.float32(1 - self.share) * meanings
        ngrams -= 1
        ngrams *= np.float32(self.steepness)
        return np.exp(ngrams, out=ngrams)


_WITH_SEVERAL = _Likeness(share=0.2, steepness=2.0, ridge=0.05)
_WITH_ENCODER = _Likeness(share=0.35, steepness=1.5, ridge=0.03)
_NGRAMS_ALONE = _Likeness(share=1.0, steepness=1.5, ridge=0.05)


class _Space:
    """Sentences that others are compared with."""

    def __init__(self, encoder: Encoder | None, index: NgramIndex, vectors: Matrix) -> None:
        self.encoder = encoder
        self.index = index
        self.vectors = vectors
        self.likeness = _likeness(encoder)
        self._speller = Speller(index.words(), encoder.knows) if encoder else None

    def kernel(self, texts: Sequence[str]) -> Matrix:
        """How alike each text is to each sentence here."""
        ngrams = self.index.compare([features(text) for text in texts])
        if self.encoder is None or self._speller is None:
            return self.likeness(ngrams, None)
        vectors = self.encoder.encode([self._speller.correct(text) for text in texts])
        return self.likeness(ngrams, vectors @ self.vectors.T)


def _likeness(encoder: Encoder | None) -> _Likeness:
    if encoder is None:
        return _NGRAMS_ALONE
    return _WITH_SEVERAL if "+" in encoder.name else _WITH_ENCODER


class Model:
    """A trained classifier: texts in, labels with probabilities out."""

    def __init__(self, labels: Sequence[str], space: _Space, heads: Matrix, calibration: Calibration) -> None:
        self.labels = tuple(labels)
        self._space = space
        self._heads = heads
        self._calibration = calibration

    def rank(self, text: str) -> Ranked:
        """Every label with its probability, the likeliest first (ties in order of the alphabet).

        The probabilities sum to at most 1: the rest is that the text is about none of them. Entities
        stand in a text as in those it was trained with, such as "<order_number>".
        """
        return self.rank_many([text])[0]

    def rank_many(self, texts: Sequence[str]) -> list[Ranked]:
        """`rank` for several texts, quicker than one by one."""
        ranked: list[Ranked] = []
        for start in range(0, len(texts), _BATCH):
            ranked += self._rank(texts[start : start + _BATCH])
        return ranked

    def _rank(self, texts: Sequence[str]) -> list[Ranked]:
        kernel = self._space.kernel(texts)
        chances = self._calibration.probabilities(kernel @ self._heads)
        order = np.argsort(-chances, axis=1, kind="stable")
        return [
            [(self.labels[place], float(row[place])) for place in places]
            for row, places in zip(chances, order.tolist(), strict=True)
        ]

    def to_bytes(self) -> bytes:
        """The model to keep; the encoder is not in it."""
        index, space = self._space.index, self._space
        facts = {
            "labels": self.labels,
            "encoder": space.encoder.name if space.encoder else None,
            "names": "\n".join(index.names),
            "size": index.size,
            "sharpness": self._calibration.sharpness,
            "familiar": self._calibration.familiar,
        }
        arrays: Arrays = {
            "rarity": index.rarity, "starts": index.starts, "rows": index.rows, "weights": index.weights,
            "vectors": space.vectors, "heads": self._heads,
        }  # fmt: skip
        return pack(facts, arrays)

    @classmethod
    def from_bytes(cls, content: bytes, encoder: Encoder | None) -> Model:
        """A kept model, with the encoder it was trained with; else raises `ModelDamaged`."""
        facts, arrays = unpack(content)
        if facts["encoder"] != (encoder.name if encoder else None):
            raise ModelDamaged("The model was trained with another sentence encoder.")
        index = NgramIndex(
            facts["names"].split("\n"), arrays["rarity"], arrays["starts"],
            (arrays["rows"], arrays["weights"]), facts["size"],
        )  # fmt: skip
        space = _Space(encoder, index, arrays["vectors"])
        calibration = Calibration(facts["sharpness"], tuple(facts["familiar"]))
        return cls(facts["labels"], space, arrays["heads"], calibration)


def train(
    samples: Sequence[tuple[str, str]], encoder: Encoder | None, progress: Progress = lambda share: None
) -> Model:
    """Learn from (text, label) pairs; the same samples in the same order always give the same model.

    A label's name is one more example of it: "order_status" says what it is about. ``encoder`` None =
    n-grams alone. ``progress`` is told the share that is done.
    """
    if not samples:
        raise NluError("There is nothing to learn from: give at least one example.")
    labels = sorted({label for _, label in samples})
    learnt = list(dict.fromkeys(samples))
    count = len(learnt)
    learnt += [(_NO_WORD.sub(" ", label), label) for label in labels]
    column = np.array([labels.index(label) for _, label in learnt])
    targets = np.zeros((len(learnt), len(labels)), dtype=np.float32)
    targets[np.arange(len(learnt)), column] = 1.0
    space, fitted = _learn([text for text, _ in learnt], column, targets, encoder, progress)
    real = fitted.rows < count
    calibration = calibrate(fitted.unseen[real], column[fitted.rows[real]], fitted.strange[real])
    model = Model(labels, space, fitted.heads, calibration)
    del fitted
    give_back_memory()
    progress(1.0)
    return model


def _learn(
    texts: Sequence[str], column: NDArray[np.int64], targets: Matrix, encoder: Encoder | None,
    progress: Progress,
) -> tuple[_Space, Fit]:  # fmt: skip
    """The encoder, which is mostly matrix products, runs beside the counting of n-grams."""
    exact = len(texts) <= _EXACT
    chosen = np.arange(len(texts)) if exact else _landmarks(column)
    with ThreadPoolExecutor(1) as beside:
        encoding = beside.submit(_encode, encoder, texts)
        counted = [features(text) for text in texts]
        index = NgramIndex.fit([counted[place] for place in chosen])
        ngrams = np.empty((len(texts), len(chosen)), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            ngrams[start : start + _BATCH] = index.compare(counted[start : start + _BATCH])
        del counted
        vectors = encoding.result()
    progress(0.6)
    space = _Space(encoder, index, vectors[chosen])
    kernel = ngrams  # made one from the other in its place: it is the largest thing there is
    for start in range(0, len(texts), _BATCH):
        part = slice(start, start + _BATCH)
        space.likeness(kernel[part], vectors[part] @ space.vectors.T if encoder else None)
    if exact:
        return space, fit(kernel, targets, space.likeness.ridge)
    return space, fit_landmarks(kernel, kernel[chosen], targets, space.likeness.ridge)


def _landmarks(column: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same share of each label's examples, evenly from its first to its last."""
    members: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(column.tolist()):
        members[label].append(place)
    share = _LANDMARKS / len(column)
    chosen: list[int] = []
    for places in members.values():
        count = max(1, round(len(places) * share))
        chosen += [places[step * len(places) // count] for step in range(count)]
    return np.array(sorted(chosen), dtype=np.int64)


def _encode(encoder: Encoder | None, texts: Sequence[str]) -> Matrix:
    if encoder is None:
        return np.zeros((len(texts), 0), dtype=np.float32)
    return encoder.encode(texts)
