"""Samples and classifiers for the laboratory's tests."""

from __future__ import annotations

from collections.abc import Sequence

from contact_center.bot_lab.evaluation import Guess
from contact_center.bot_lab.samples import Ranked, Sample


def sample(text: str, intent: str, language: str = "en", place: str = "") -> Sample:
    """A sentence that has no entities."""
    return Sample(text, intent, language, text, place)


def guess(intent: str, taken_for: str, confidence: float, text: str = "x", language: str = "en") -> Guess:
    """A guess whose runner-up has what is left."""
    ranked = ((taken_for, confidence), ("other", 1 - confidence))
    return Guess(sample(text, intent, language), ranked)


class FirstWord:
    """Goes by the first word of a sentence; knows those that it has learnt, else says ``unknown``."""

    def __init__(self, learnt: Sequence[Sample]) -> None:
        self.known = {one.fed.split()[0]: one.intent for one in learnt}
        self.labels = sorted({one.intent for one in learnt})

    def rank_many(self, texts: Sequence[str]) -> list[Ranked]:
        return [self._rank(text) for text in texts]

    def _rank(self, text: str) -> Ranked:
        first = self.known.get(text.split()[0], "unknown")
        return [(first, 0.9), *((label, 0.1 / len(self.labels)) for label in self.labels if label != first)]
