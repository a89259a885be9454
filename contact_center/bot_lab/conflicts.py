"""Examples that stand in each other's way: nearly the same in two intents, or said to be another's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from bot.nlu import Encoder
from contact_center.bot_lab.evaluation import Guess
from contact_center.bot_lab.samples import Sample

NEARLY_THE_SAME: Final = 0.9
"""Likeness of two examples, 0 to 1, from which they are told: the mean of an encoder's cosine and of the
letters' that they share; without an encoder the letters alone."""

LOOKS_MISLABELLED: Final = 0.9
"""Confidence in another intent from which an example is told."""

_BLOCK: Final = 512
_GRAM: Final = 3


class Conflict(msgspec.Struct, frozen=True):
    """Two examples of different intents that are nearly the same."""

    one: Sample
    other: Sample
    likeness: float


class Suspect(msgspec.Struct, frozen=True):
    """An example that a model which has not seen it takes for another intent, and how surely."""

    sample: Sample
    taken_for: str
    confidence: float


def conflicts(
    samples: Sequence[Sample], encoder: Encoder | None, least: float = NEARLY_THE_SAME
) -> list[Conflict]:
    """Every pair of examples of different intents with a likeness of at least ``least``, the likest first."""
    if not samples:
        return []
    fed = [sample.fed for sample in samples]
    intents = np.array([sample.intent for sample in samples])
    letters = _letters(fed)
    meaning = encoder.encode(fed) if encoder is not None else None
    found: list[Conflict] = []
    for start in range(0, len(samples), _BLOCK):
        rows = slice(start, start + _BLOCK)
        likeness = letters[rows] @ letters.T
        if meaning is not None:
            likeness = (likeness + meaning[rows] @ meaning.T) / 2
        apart = (likeness >= least) & (intents[rows, None] != intents[None, :])
        for row, column in zip(*np.nonzero(apart), strict=True):
            first, second = start + int(row), int(column)
            if first < second:
                alike = round(min(float(likeness[row, column]), 1.0), 4)
                found.append(Conflict(samples[first], samples[second], alike))
    return sorted(found, key=lambda one: (-one.likeness, one.one.text, one.other.text))


def _letters(texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Unit rows of the runs of letters in each text."""
    columns: dict[str, int] = {}
    grams = []
    for text in texts:
        padded = f" {text.lower()} "
        runs = {padded[at : at + size] for size in (2, _GRAM) for at in range(len(padded) - size + 1)}
        grams.append([columns.setdefault(run, len(columns)) for run in sorted(runs)])
    # Runs are many and each text has few: they are folded into a fixed number of columns.
    width = 4096
    rows = np.zeros((len(texts), width), dtype=np.float32)
    for row, found in enumerate(grams):
        places, times = np.unique(np.array([one % width for one in found]), return_counts=True)
        rows[row, places] = times
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def suspects(found: Sequence[Guess], least: float = LOOKS_MISLABELLED) -> list[Suspect]:
    """The examples of cross-validation that look mislabelled, the surest first."""
    wrong = [guess for guess in found if not guess.right and guess.confidence >= least]
    wrong.sort(key=lambda guess: (-guess.confidence, guess.sample.text))
    return [Suspect(guess.sample, guess.intent, round(guess.confidence, 4)) for guess in wrong]
