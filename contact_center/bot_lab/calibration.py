"""Whether confidence can be believed: of the guesses made with 0.8, about four in five should be right.

Reliability and expected calibration error as in Guo et al., "On Calibration of Modern Neural Networks"
(arXiv 1706.04599), in bins of equal width.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contact_center.bot_lab.evaluation import Guess


class Bin(msgspec.Struct, frozen=True):
    """The guesses with a confidence from ``low`` to ``high``; the means are 0 where there are none."""

    low: float
    high: float
    guesses: int
    confidence: float
    accuracy: float


def reliability(found: Sequence[Guess], bins: int = 10) -> list[Bin]:
    """The guesses by their confidence, in ``bins`` parts of equal width."""
    parts: list[list[Guess]] = [[] for _ in range(bins)]
    for guess in found:
        parts[min(max(int(guess.confidence * bins), 0), bins - 1)].append(guess)
    return [
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            guesses=len(part),
            confidence=sum(guess.confidence for guess in part) / len(part) if part else 0.0,
            accuracy=sum(guess.right for guess in part) / len(part) if part else 0.0,
        )
        for number, part in enumerate(parts)
    ]


def calibration_error(table: Sequence[Bin]) -> float:
    """The mean distance of confidence and accuracy, by the guesses in each bin (ECE); 0 is perfect."""
    total = sum(one.guesses for one in table)
    return sum(one.guesses * abs(one.accuracy - one.confidence) for one in table) / total if total else 0.0
