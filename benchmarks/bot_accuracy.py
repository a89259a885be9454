"""How well the embedded bot understands, on public data and on its own project's sentences.

    python -m benchmarks.bot_accuracy [--quick] [--validation]
        [--sets banking,few,clinc,shipped] [--encoders ngrams,multilingual,multilingual+english]

- **banking**: BANKING77, trained on all of its training set.
- **few**: BANKING77 with 5, 10 and 30 examples an intent, drawn three times; the mean.
- **clinc**: CLINC150 with its 100 out-of-scope examples as one more intent. In scope: the likeliest intent
  is the right one. Out of scope found: the best intent's confidence is under the threshold that rejects 5 %
  of the validation set's messages in scope, or the out-of-scope intent is the likeliest.
- **shipped**: the project's own sentences by stratified cross-validation in five parts, a language at a
  time (trained on both).

Rivals stand beside: Rasa 3.6.21's DIET, measured on such a machine once because it takes an hour and more
(epochs in the table), and a fine-tuned BERT from the literature (Casanueva et al. 2020). Settings were chosen
on parts of the training sets and on CLINC150's validation set; ``--validation`` scores those parts instead
of the test sets. ``--quick`` runs a small case.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.bot_data import (
    OUT_OF_SCOPE,
    Sample,
    few_of_each,
    folds,
    read_banking,
    read_clinc,
    read_shipped,
)
from bot.nlu import Encoder, EncoderError, Model, load_encoder, train
from bot.nlu.matrices import Matrix

Row = tuple[str, ...]

ENCODERS = ("ngrams", "multilingual", "multilingual+english")
FALSE_REJECTS = 0.05
SEEDS = (0, 1, 2)
RIVALS: dict[str, list[Row]] = {
    "banking": [("DIET, 20 epochs", "90.6", ""), ("BERT fine-tuned (literature)", "93.66", "")],
    "few": [("DIET, 100 epochs", "", "67.5", "", "")],
    "clinc": [("DIET, 10 epochs", "88.0", "62.6", "")],
}


class Remembering:
    """An encoder that encodes a text once, for several trainings on the same texts."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Matrix] = {}
        self.name, self.size = encoder.name, encoder.size

    def encode(self, texts: Sequence[str]) -> Matrix:
        """See `bot.nlu.encoders.base.Encoder`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def knows(self, word: str) -> bool:
        """See `bot.nlu.encoders.base.Encoder`."""
        return self._encoder.knows(word)


class Run:
    """One encoder and how much is to be done."""

    def __init__(self, words: str, *, quick: bool, validation: bool) -> None:
        encoder = load_encoder(words)
        self.words = words
        self.encoder = Remembering(encoder) if encoder else None
        self.quick = quick
        self.validation = validation

    def train(self, samples: Sequence[Sample]) -> Model:
        """A model with this encoder."""
        return train(samples, self.encoder)

    def test_of(self, samples: list[Sample]) -> list[Sample]:
        """As many as are to be scored."""
        return samples[:: max(1, len(samples) // 300)] if self.quick else samples


def accuracy(model: Model, samples: Sequence[Sample]) -> float:
    """Percent whose likeliest label is the right one."""
    ranked = model.rank_many([text for text, _ in samples])
    right = sum(found[0][0] == label for found, (_, label) in zip(ranked, samples, strict=True))
    return 100 * right / len(samples)


def on_banking(run: Run) -> Row | None:
    """Accuracy, seconds to train."""
    data = read_banking()
    if data is None:
        return None
    samples, test = data
    if run.validation:
        samples, test = folds(samples, 5, 0)[0]
    if run.quick:
        samples = few_of_each(samples, 20, 0)[0]
    start = time.perf_counter()
    model = run.train(samples)
    taken = time.perf_counter() - start
    return (run.words, f"{accuracy(model, run.test_of(test)):.2f}", f"{taken:.0f}")


def on_few(run: Run) -> Row | None:
    """Accuracy at 5, 10 and 30 examples an intent."""
    data = read_banking()
    if data is None:
        return None
    means = []
    for count in (5, 10, 30):
        scores = []
        for seed in SEEDS[: 1 if run.quick else None]:
            few, others = few_of_each(data.train, count, seed)
            test = others[:3000] if run.validation else data.test
            scores.append(accuracy(run.train(few), run.test_of(test)))
        means.append(f"{np.mean(scores):.2f}")
    return (run.words, *means, "")


def on_clinc(run: Run) -> Row | None:
    """Accuracy in scope, percent of what is out of scope that was found, seconds to train."""
    data = read_clinc()
    if data is None:
        return None
    samples = few_of_each(data.train, 15, 0)[0] if run.quick else data.train
    start = time.perf_counter()
    model = run.train([*samples, *data.strange_train])
    taken = time.perf_counter() - start
    inside = data.validation if run.validation else data.test
    strange = data.strange_validation if run.validation else data.strange_test
    threshold = float(np.quantile(_confidence(model, run.test_of(data.validation)), FALSE_REJECTS))
    found = 100 * float(np.mean(_confidence(model, run.test_of(strange)) < threshold))
    return (run.words, f"{accuracy(model, run.test_of(inside)):.2f}", f"{found:.1f}", f"{taken:.0f}")


def _confidence(model: Model, samples: Sequence[Sample]) -> Matrix:
    """That of the likeliest intent; 0 where that is to be out of scope."""
    best = [ranked[0] for ranked in model.rank_many([text for text, _ in samples])]
    return np.array([0.0 if label == OUT_OF_SCOPE else chance for label, chance in best], dtype=np.float32)


def on_shipped(run: Run) -> Row:
    """Accuracy by language."""
    languages = read_shipped()
    split = {language: folds(samples, 5, 0) for language, samples in languages.items()}
    right: dict[str, list[float]] = {language: [] for language in languages}
    for fold in range(1 if run.quick else 5):
        model = run.train([sample for parts in split.values() for sample in parts[fold][0]])
        for language, parts in split.items():
            ranked = model.rank_many([text for text, _ in parts[fold][1]])
            hits = zip(ranked, parts[fold][1], strict=True)
            right[language] += [float(found[0][0] == label) for found, (_, label) in hits]
    return (run.words, *(f"{100 * np.mean(hits):.2f}" for hits in right.values()))


SETS: dict[str, tuple[str, Row, Callable[[Run], Row | None]]] = {
    "banking": ("BANKING77", ("accuracy %", "training s"), on_banking),
    "few": ("BANKING77, few examples an intent", ("5", "10", "30", ""), on_few),
    "clinc": ("CLINC150", ("in scope %", "out of scope found %", "training s"), on_clinc),
    "shipped": ("The shipped project, cross-validation", ("English %", "Chinese %"), on_shipped),
}
"""By the name on the command line: title, columns, and what makes a row."""


def main() -> int:
    """Print one table a set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--encoders", default=",".join(ENCODERS))
    chosen = parser.parse_args()
    console = Console()
    runs: list[Run] = []
    for words in chosen.encoders.split(","):
        try:
            runs.append(Run(words, quick=chosen.quick, validation=chosen.validation))
        except EncoderError as error:
            console.print(f"{words} is left out. {error}")
    for name in chosen.sets.split(","):
        title, columns, measure = SETS[name]
        table = Table("", *columns, title=title + (" (validation)" if chosen.validation else ""))
        rows = [measure(run) for run in runs]
        for row in rows:
            if row is not None:
                table.add_row(*row)
        for rival in RIVALS.get(name, []):
            table.add_row(*rival, style="dim")
        console.print(f"{title}: its data is not here." if None in rows else table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
