"""Which intents are taken for which: the matrix, and the worst pairs with sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from contact_center.bot_lab.evaluation import Guess

EXAMPLES = 5


class Mistake(msgspec.Struct, frozen=True):
    """One sentence that was taken for something else."""

    text: str
    place: str
    confidence: float


class Confusion(msgspec.Struct, frozen=True):
    """``count`` examples of ``intent`` were taken for ``taken_for``; some of them, the surest first."""

    intent: str
    taken_for: str
    count: int
    share: float
    examples: tuple[Mistake, ...]


class Matrix(msgspec.Struct, frozen=True):
    """``counts[row][column]``: examples of ``intents[row]`` that were taken for ``intents[column]``."""

    intents: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def matrix(found: Sequence[Guess]) -> Matrix:
    """All guesses, intents by name."""
    counted = Counter((guess.sample.intent, guess.intent) for guess in found)
    names = tuple(sorted({name for pair in counted for name in pair}))
    return Matrix(names, tuple(tuple(counted[row, column] for column in names) for row in names))


def confusions(found: Sequence[Guess], most: int | None = None) -> list[Confusion]:
    """The pairs that are mistaken, the most frequent first."""
    total = Counter(guess.sample.intent for guess in found)
    wrong: dict[tuple[str, str], list[Guess]] = defaultdict(list)
    for guess in found:
        if not guess.right:
            wrong[guess.sample.intent, guess.intent].append(guess)
    pairs = sorted(wrong.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        Confusion(
            intent,
            taken_for,
            len(mistaken),
            len(mistaken) / total[intent],
            tuple(
                Mistake(guess.sample.text, guess.sample.place, round(guess.confidence, 4))
                for guess in sorted(mistaken, key=lambda one: (-one.confidence, one.sample.text))[:EXAMPLES]
            ),
        )
        for (intent, taken_for), mistaken in pairs[:most]
    ]
