"""How well a project is understood: stratified cross-validation, learning curves, figures of guesses.

Pure: whoever calls hands in the samples, a function that trains, and the seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from random import Random

import msgspec

from contact_center.bot_lab.samples import Progress, Ranked, Sample, Train


class Guess(msgspec.Struct, frozen=True):
    """What a classifier that had not seen ``sample`` made of it: the likeliest intents, first one first."""

    sample: Sample
    ranked: tuple[tuple[str, float], ...]

    @property
    def intent(self) -> str:
        return self.ranked[0][0]

    @property
    def confidence(self) -> float:
        return self.ranked[0][1]

    @property
    def right(self) -> bool:
        return self.intent == self.sample.intent


class IntentFigures(msgspec.Struct, frozen=True):
    """``examples`` are those of the intent, ``guessed`` those taken for it; without any, F1 is 0."""

    intent: str
    examples: int
    guessed: int
    precision: float
    recall: float
    f1: float


class Figures(msgspec.Struct, frozen=True):
    """What guesses amount to. ``macro_f1`` is the mean over intents; ``asked_again`` the share that the
    project's thresholds leave undecided, ``accuracy_above`` how many of the others are right."""

    examples: int
    accuracy: float
    macro_f1: float
    asked_again: float
    accuracy_above: float
    intents: tuple[IntentFigures, ...]


class Thresholds(msgspec.Struct, frozen=True):
    """When a bot asks again: below ``least`` confidence, or less than ``ahead`` before the runner-up."""

    least: float = 0.0
    ahead: float = 0.0

    def leaves(self, guess: Guess) -> bool:
        """Whether the guess is not gone by."""
        second = guess.ranked[1][1] if len(guess.ranked) > 1 else 0.0
        return guess.confidence < self.least or guess.confidence - second < self.ahead


NO_THRESHOLDS = Thresholds()


class CurvePoint(msgspec.Struct, frozen=True):
    """Accuracy by ``size`` examples an intent and language, mean over ``runs``; by language and overall."""

    size: int
    runs: int
    accuracy: float
    languages: dict[str, float]


def folds_of(samples: Sequence[Sample], folds: int, seed: int) -> list[list[int]]:
    """The samples' positions in ``folds`` parts, each with its share of every intent in every language."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for position, sample in enumerate(samples):
        groups[sample.intent, sample.language].append(position)
    random = Random(seed)  # noqa: S311 no secret
    parts: list[list[int]] = [[] for _ in range(folds)]
    turn = 0  # goes on from group to group, so that small groups do not all fall into the first parts
    for key in sorted(groups, key=str):
        group = groups[key]
        random.shuffle(group)
        for position in group:
            parts[turn % folds].append(position)
            turn += 1
    return parts


def cross_validate(
    samples: Sequence[Sample], train: Train, folds: int, seed: int, progress: Progress = lambda share: None
) -> list[Guess]:
    """A guess for every sample, in their order, each by a model that has learnt from the other parts."""
    found: dict[int, Guess] = {}
    parts = folds_of(samples, folds, seed)
    for number, part in enumerate(parts):
        held = set(part)
        learnt = [sample for position, sample in enumerate(samples) if position not in held]
        found |= dict(zip(part, guesses(learnt, [samples[one] for one in part], train), strict=True))
        progress((number + 1) / folds)
    return [found[position] for position in range(len(samples))]


def guesses(learnt: Sequence[Sample], asked: Sequence[Sample], train: Train, keep: int = 5) -> list[Guess]:
    """What a model that has learnt from ``learnt`` makes of ``asked``."""
    if not asked:
        return []
    ranked: list[Ranked] = train(learnt).rank_many([sample.fed for sample in asked])
    return [Guess(sample, tuple(one[:keep])) for sample, one in zip(asked, ranked, strict=True)]


def learning_curve(
    samples: Sequence[Sample], train: Train, sizes: Iterable[int], seed: int, runs: int = 3
) -> list[CurvePoint]:
    """How accuracy grows with examples: a fifth is held back, of the rest ``size`` an intent and language
    are learnt from. Sizes that hardly an intent has are left out."""
    points = []
    for size in sizes:
        counts = _count_groups(samples)
        if sum(count * 0.8 >= size for count in counts.values()) * 2 < len(counts):
            continue
        made = [_guesses_at(samples, train, size, seed + run) for run in range(runs)]
        by_language: dict[str, list[float]] = defaultdict(list)
        for one in made:
            for language, part in by_language_of(one).items():
                by_language[language].append(_share(guess.right for guess in part))
        points.append(
            CurvePoint(
                size,
                runs,
                sum(_share(guess.right for guess in one) for one in made) / runs,
                {language: sum(shares) / len(shares) for language, shares in sorted(by_language.items())},
            )
        )
    return points


def _count_groups(samples: Sequence[Sample]) -> dict[Hashable, int]:
    counts: dict[Hashable, int] = defaultdict(int)
    for sample in samples:
        counts[sample.intent, sample.language] += 1
    return counts


def _guesses_at(samples: Sequence[Sample], train: Train, size: int, seed: int) -> list[Guess]:
    held, *rest = folds_of(samples, 5, seed)
    taken: dict[Hashable, int] = defaultdict(int)
    learnt = []
    for position in [one for part in rest for one in part]:
        sample = samples[position]
        taken[sample.intent, sample.language] += 1
        if taken[sample.intent, sample.language] <= size:
            learnt.append(sample)
    return guesses(learnt, [samples[one] for one in held], train)


def by_language_of(found: Iterable[Guess]) -> dict[str, list[Guess]]:
    """Guesses by the language of their sentence."""
    parts: dict[str, list[Guess]] = defaultdict(list)
    for guess in found:
        parts[guess.sample.language].append(guess)
    return dict(sorted(parts.items()))


def figures(found: Sequence[Guess], thresholds: Thresholds = NO_THRESHOLDS) -> Figures:
    """What the guesses amount to."""
    kept = [guess for guess in found if not thresholds.leaves(guess)]
    names = sorted({guess.sample.intent for guess in found} | {guess.intent for guess in found})
    intents = tuple(_of_intent(name, found) for name in names)
    with_examples = [one.f1 for one in intents if one.examples]
    return Figures(
        examples=len(found),
        accuracy=_share(guess.right for guess in found),
        macro_f1=sum(with_examples) / len(with_examples) if with_examples else 0.0,
        asked_again=1 - len(kept) / len(found) if found else 0.0,
        accuracy_above=_share(guess.right for guess in kept),
        intents=intents,
    )


def _of_intent(name: str, found: Sequence[Guess]) -> IntentFigures:
    examples = sum(guess.sample.intent == name for guess in found)
    guessed = sum(guess.intent == name for guess in found)
    right = sum(guess.right and guess.intent == name for guess in found)
    return IntentFigures(
        name,
        examples,
        guessed,
        precision=right / guessed if guessed else 0.0,
        recall=right / examples if examples else 0.0,
        f1=2 * right / (examples + guessed) if right else 0.0,
    )


def _share(truths: Iterable[bool]) -> float:
    listed = list(truths)
    return sum(listed) / len(listed) if listed else 0.0
