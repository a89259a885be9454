"""Labelled messages of the review list as training data in Rasa's format, merged with what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import yaml

from bot.embedded.test_stories import unmarked
from bot.embedded.text import clean
from bot.embedded.yaml_lines import read_yaml
from contact_center.bot_lab.samples import Sample
from crm_store.bot_reviews import BotReview

FALLBACK_INTENT: Final = "nlu_fallback"

Blocks = dict[str, list[str]]
"""Intent -> its examples, as they are written."""


class LeftOut(msgspec.Struct, frozen=True):
    """A labelled message that became no example, and why not."""

    id: str
    text: str
    why: str


class Merged(msgspec.Struct, frozen=True):
    """``blocks`` are all that belongs into the file, ``added`` how many of its examples are new."""

    blocks: Blocks
    added: int
    known: int
    left_out: tuple[LeftOut, ...]


def known_intents(domain: Iterable[str]) -> list[str]:
    """The intents that a message may be labelled with, of all that a project declares."""
    return sorted(intent for intent in domain if intent != FALLBACK_INTENT)


def merged(
    labelled: Iterable[BotReview], present: Blocks, project: Iterable[Sample], intents: Iterable[str]
) -> Merged:
    """``present`` (the file as it is) with each labelled message that neither it nor the project has.

    A message that is an example of another intent is left out: which of the two is right, people say.
    """
    blocks = {intent: list(texts) for intent, texts in present.items()}
    intent_of = {_key(sample.text): sample.intent for sample in project}
    for intent, texts in present.items():
        intent_of |= {_key(unmarked(text)): intent for text in texts}
    allowed = set(intents)
    added = known = 0
    left_out: list[LeftOut] = []
    for row in labelled:
        example = as_example(row.text)
        other = intent_of.get(_key(example))
        if row.label not in allowed:
            left_out.append(LeftOut(row.id, row.text, f"the project has no intent {row.label}"))
        elif not example:
            left_out.append(LeftOut(row.id, row.text, "nothing is left to learn from"))
        elif other is None:
            intent_of[_key(example)] = row.label
            blocks.setdefault(row.label, []).append(example)
            added += 1
        elif other == row.label:
            known += 1
        else:
            left_out.append(LeftOut(row.id, row.text, f"it is an example of {other} already"))
    return Merged(blocks, added, known, tuple(left_out))


def _key(text: str) -> str:
    """Rasa and our loader take texts that differ in capitals alone for the same."""
    return clean(text).lower()


def as_example(text: str) -> str:
    """A message as an example is written: one line, brackets (which mark entities) made round; '' for what
    would be read as a command."""
    plain = clean(text.translate(_ROUND)).lstrip("- ")
    return "" if plain.startswith("/") else plain


_ROUND: Final = str.maketrans("[]{}", "()()")


def read_blocks(path: Path) -> Blocks:
    """The examples of a file of training data, by intent; none where it is not there.

    Raises `ProjectError` with file and line for what `as_yaml` would not write.
    """
    if not path.is_file():
        return {}
    blocks: Blocks = {}
    sections = read_yaml(path, path.parent).mapping({"version", "nlu"})
    for block in sections["nlu"].sequence() if "nlu" in sections else ():
        fields = block.mapping({"intent", "examples"})
        if len(fields) != 2:
            block.fail("only intents with examples are merged here; choose another file")
        lines = (line.strip().removeprefix("- ").strip() for line in fields["examples"].text().splitlines())
        blocks.setdefault(fields["intent"].text(), []).extend(line for line in lines if line)
    return blocks


def as_yaml(blocks: Mapping[str, Iterable[str]]) -> str:
    """Training data in Rasa's format, intents by name."""
    parts = ['version: "3.1"\n\nnlu:\n']
    for intent, texts in sorted(blocks.items()):
        name = yaml.safe_dump(intent, allow_unicode=True).splitlines()[0]
        examples = "".join(f"      - {text}\n" for text in texts)
        parts.append(f"  - intent: {name}\n    examples: |\n{examples}\n")
    return "".join(parts).rstrip("\n") + "\n"
