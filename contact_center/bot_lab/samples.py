"""A project's examples as the laboratory takes them: the sentence, what the classifier reads, where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from bot.articles import INTENT
from bot.embedded.entities import Extractor, mark
from bot.embedded.project import Project
from bot.embedded.test_stories import unmarked
from bot.embedded.text import clean, writing_language
from bot.embedded.yaml_lines import Item, ProjectError, read_yaml

Ranked = list[tuple[str, float]]


class Sample(msgspec.Struct, frozen=True):
    """A sentence and its intent. ``fed`` is what the classifier reads of it, with marks for entities;
    ``place`` is "file:line" or the article that it is a question of."""

    text: str
    intent: str
    language: str
    fed: str
    place: str = ""


class Ranker(Protocol):
    """A trained classifier."""

    def rank_many(self, texts: Sequence[str]) -> list[Ranked]:
        """Every intent with its probability, the likeliest first, for each text."""
        ...


Train = Callable[[Sequence[Sample]], Ranker]
"""Learns from samples."""

Progress = Callable[[float], None]
"""Hears the share that is done, 0 to 1."""


def language_of(text: str) -> str:
    """The language of a sentence by its writing."""
    return writing_language(text) or "en"


def samples_of(project: Project, folder: Path) -> list[Sample]:
    """Every example of a loaded project."""
    extractor = Extractor(project.domain, project.nlu)
    places = {
        (INTENT, clean(question)): f"article {article.name}"
        for article in project.articles
        for question in article.questions
    } | dict(_places(folder))
    return [
        Sample(
            example.text,
            example.intent,
            language_of(example.text),
            mark(example.text, extractor.extract(example.text)),
            places.get((example.intent, example.text), ""),
        )
        for example in project.nlu.examples
    ]


def _places(folder: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """Where each example stands: (intent, text) -> "file:line"."""
    for path in sorted((folder / "data").rglob("*.yml")):
        sections = read_yaml(path, folder).mapping()
        for block in sections["nlu"].sequence() if "nlu" in sections else []:
            fields = block.mapping()
            if "intent" in fields and "examples" in fields:
                for text, line in _lines(fields["examples"]):
                    yield (fields["intent"].text(), unmarked(text)), f"{block.file}:{line}"


def _lines(examples: Item) -> Iterator[tuple[str, int]]:
    if examples.is_sequence:
        for item in examples.sequence():
            yield (item.mapping()["text"] if item.is_mapping else item).text().strip(), item.line
        return
    for offset, raw in enumerate(examples.text().split("\n")):
        if raw.strip():
            yield raw.strip().removeprefix("- ").strip(), examples.text_line + offset


def read_held_out(path: Path, project: Project) -> list[Sample]:
    """Sentences that nothing was learnt from: a YAML file ``intent: [sentence, ...]``.

    Raises `ProjectError` with file and line, also for an intent that the project has no example of.
    """
    known = {example.intent.split("/")[0] for example in project.nlu.examples}
    extractor = Extractor(project.domain, project.nlu)
    found: list[Sample] = []
    for intent, sentences in read_yaml(path, path.parent).mapping().items():
        if intent.split("/")[0] not in known:
            names = ", ".join(sorted(known))
            raise ProjectError(path.name, sentences.line, f"there is no intent '{intent}' (known: {names})")
        for item in sentences.sequence():
            text = clean(item.text())
            fed = mark(text, extractor.extract(text))
            found.append(Sample(text, intent, language_of(text), fed, f"{path.name}:{item.line}"))
    return found
