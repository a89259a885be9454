"""Public intent data for the bot's benchmarks, and the shipped project's own sentences.

BANKING77 (Casanueva et al., arXiv 2003.04807; CC-BY-4.0) and CLINC150 (Larson et al., arXiv 1909.02027;
CC-BY-3.0) are not part of the product: they are read from a folder beside this repository where it is
there, and the benchmarks say so where it is not.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from bot.embedded import SHIPPED_PROJECT
from bot.embedded.entities import Extractor, mark
from bot.embedded.load_project import load_project
from bot.embedded.text import clean, writing_language

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "nlu"
OUT_OF_SCOPE = "out_of_scope"

Sample = tuple[str, str]


class Banking(NamedTuple):
    """Text and intent."""

    train: list[Sample]
    test: list[Sample]


class Clinc(NamedTuple):
    """Text and intent; ``strange`` ones are out of scope and have `OUT_OF_SCOPE` for one."""

    train: list[Sample]
    validation: list[Sample]
    test: list[Sample]
    strange_train: list[Sample]
    strange_validation: list[Sample]
    strange_test: list[Sample]


def read_banking() -> Banking | None:
    """None where the data is not there."""
    folder = FOLDER / "banking77"
    if not folder.is_dir():
        return None
    return Banking(_read_csv(folder / "train.csv"), _read_csv(folder / "test.csv"))


def read_clinc() -> Clinc | None:
    """None where the data is not there."""
    file = FOLDER / "clinc150" / "data_full.json"
    if not file.is_file():
        return None
    content = json.loads(file.read_text(encoding="utf-8"))

    def of(name: str) -> list[Sample]:
        return [(clean(text), OUT_OF_SCOPE if label == "oos" else label) for text, label in content[name]]

    return Clinc(*(of(name) for name in ("train", "val", "test", "oos_train", "oos_val", "oos_test")))


def read_shipped() -> dict[str, list[Sample]]:
    """The shipped project's examples as the classifier sees them, by language."""
    project = load_project(SHIPPED_PROJECT)
    extractor = Extractor(project.domain, project.nlu)
    found: dict[str, list[Sample]] = {"en": [], "zh": []}
    for example in project.nlu.examples:
        language = "zh" if writing_language(example.text) == "zh" else "en"
        found[language].append((mark(example.text, extractor.extract(example.text)), example.intent))
    return found


def few_of_each(samples: Sequence[Sample], count: int, seed: int) -> tuple[list[Sample], list[Sample]]:
    """``count`` samples of each label by chance, and all others."""
    order = list(samples)
    Random(seed).shuffle(order)
    taken: dict[str, int] = defaultdict(int)
    few: list[Sample] = []
    others: list[Sample] = []
    for sample in order:
        taken[sample[1]] += 1
        (few if taken[sample[1]] <= count else others).append(sample)
    return few, others


def folds(samples: Sequence[Sample], count: int, seed: int) -> list[tuple[list[Sample], list[Sample]]]:
    """Training and held-out parts, each label spread evenly; equal texts stay together."""
    by_label: dict[str, dict[str, None]] = defaultdict(dict)
    for text, label in samples:
        by_label[label][text] = None
    place: dict[Sample, int] = {}
    random = Random(seed)
    for label, texts in sorted(by_label.items()):
        order = sorted(texts)
        random.shuffle(order)
        place.update({(text, label): number % count for number, text in enumerate(order)})
    return [
        (
            [sample for sample in samples if place[sample] != fold],
            [sample for sample in samples if place[sample] == fold],
        )
        for fold in range(count)
    ]


def _read_csv(file: Path) -> list[Sample]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [(clean(row["text"]), row["category"]) for row in csv.DictReader(lines)]
