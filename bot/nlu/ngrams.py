"""Words and character n-grams of a sentence, and an index that compares a sentence with many.

Chinese needs no word segmenter this way: each character is a word, and runs of characters are the
n-grams. Digits count as "0": which order it is says nothing about what is wanted.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.nlu.matrices import Matrix

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f"
_TOKEN = re.compile(f"<[a-z_]+>|[{_HAN}]|[^\\W{_HAN}]+(?:'[a-z]+)?")
_DIGIT = re.compile(r"\d")
_MAX_TOKENS = 400
_LONGEST_WORD = 24
_AS_WORD = "w "
_WORD_SIZES = (2, 3, 4, 5)
_RUN_SIZES = (2, 3)

_OFTEN = 1 / 16
_MOST_FREQUENT = 512
_RARITY = 0.5
"""Rare features count more, by this power of their usual weight (found on validation data)."""


def features(text: str) -> Counter[str]:
    """The features of a text and how often each occurs; "<order_number>" is one word."""
    tokens = _TOKEN.findall(_DIGIT.sub("0", text.lower()).replace("’", "'"))[:_MAX_TOKENS]
    found: list[str] = []
    before = "^"
    run = ""
    for word in tokens:
        found += (_AS_WORD + word, f"b {before} {word}")
        before = word
        if len(word) == 1 and word > "\u3000":
            run += word
            continue
        _add(found, run, _RUN_SIZES)
        run = ""
        if word[0] != "<":
            _add(found, f" {word[:_LONGEST_WORD]} ", _WORD_SIZES)
    if tokens:
        found.append(f"b {before} $")
    _add(found, run, _RUN_SIZES)
    return Counter(found)


def _add(found: list[str], run: str, sizes: Sequence[int]) -> None:
    for size in sizes:
        found += [run[start : start + size] for start in range(len(run) - size + 1)]


class NgramIndex:
    """Sentences by their features, weighted by how rare each is (tf-idf, cosine).

    Inverted: for each feature the rows that have it and their weights, from ``starts[feature]``. The
    most frequent features come first and are also held in full rows, which is quicker for them.
    """

    def __init__(
        self, names: Sequence[str], rarity: Matrix, starts: NDArray[np.int64],
        entries: tuple[NDArray[np.int64], Matrix], size: int,
    ) -> None:  # fmt: skip
        self.names = names
        self.rarity = rarity
        self.starts = starts
        self.rows, self.weights = entries
        self.size = size
        self._places = {name: place for place, name in enumerate(names)}
        self._unknown = (math.log(1 + size) + 1) ** _RARITY
        self._known = rarity.tolist()
        often = np.diff(starts) > size * _OFTEN
        self._frequent = np.zeros((min(int(often.sum()), _MOST_FREQUENT), size), dtype=np.float32)
        for place in range(len(self._frequent)):
            part = slice(starts[place], starts[place + 1])
            self._frequent[place, self.rows[part]] = self.weights[part]

    @classmethod
    def fit(cls, counted: Sequence[Counter[str]]) -> NgramIndex:
        """The index of sentences with these `features`."""
        found: dict[str, int] = {}
        flat = np.array(
            [found.setdefault(name, len(found)) for counts in counted for name in counts], dtype=np.int64
        )
        having = np.bincount(flat, minlength=len(found))
        order = np.argsort(-having, kind="stable")
        place = np.empty(len(found), dtype=np.int64)
        place[order] = np.arange(len(found))
        rarity = (np.log((len(counted) + 1) / (1 + having[order])) + 1) ** _RARITY
        rows = np.repeat(np.arange(len(counted)), [len(counts) for counts in counted])
        often = np.array([count for counts in counted for count in counts.values()], dtype=np.float64)
        weights = (1 + np.log(often)) * rarity[place[flat]]
        lengths = np.sqrt(np.bincount(rows, weights**2, len(counted)))
        weights /= lengths[rows]
        sort = np.argsort(place[flat], kind="stable")
        names = list(found)
        return cls(
            [names[number] for number in order.tolist()], rarity.astype(np.float32),
            np.concatenate([[0], np.cumsum(having[order])]),
            (rows[sort], weights[sort].astype(np.float32)), len(counted),
        )  # fmt: skip

    def words(self) -> dict[str, int]:
        """The sentences' words in lower case, with how many have them."""
        having = np.diff(self.starts).tolist()
        named = zip(self.names, having, strict=True)
        return {name[len(_AS_WORD) :]: count for name, count in named if name.startswith(_AS_WORD)}

    def compare(self, counted: Sequence[Counter[str]]) -> Matrix:
        """The cosine of each sentence with these `features` with each sentence of the index."""
        frequent = np.zeros((len(counted), len(self._frequent)), dtype=np.float32)
        rare = np.empty((len(counted), self.size), dtype=np.float32)
        for row, counts in enumerate(counted):
            places, values = self._weigh(counts)
            often = places < len(self._frequent)
            frequent[row, places[often]] = values[often]
            rare[row] = self._sum(places[~often], values[~often])
        rare += frequent @ self._frequent
        return rare

    def _weigh(self, counts: Counter[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The known features of a sentence and their weights; unknown ones only make those less."""
        square = 0.0
        places: list[int] = []
        values: list[float] = []
        for name, count in counts.items():
            place = self._places.get(name)
            value = self._unknown if place is None else self._known[place]
            if count > 1:
                value *= 1 + math.log(count)
            square += value * value
            if place is not None:
                places.append(place)
                values.append(value)
        return np.array(places, dtype=np.int64), np.array(values) / math.sqrt(square or 1.0)

    def _sum(self, places: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not len(places):
            return np.zeros(self.size)
        starts = self.starts[places]
        sizes = self.starts[places + 1] - starts
        ends = np.cumsum(sizes)
        entries = np.arange(ends[-1]) + np.repeat(starts - ends + sizes, sizes)
        weights = self.weights.take(entries) * np.repeat(values, sizes)
        return np.asarray(np.bincount(self.rows.take(entries), weights, self.size), dtype=np.float64)
