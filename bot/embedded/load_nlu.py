"""Reads training data: intents with marked examples, synonyms, lookup tables, patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from bot.articles import FOLDER, INTENT, Article
from bot.embedded.patterns import check_pattern
from bot.embedded.project import Example, Nlu, Span
from bot.embedded.text import MAX_CHARACTERS, clean
from bot.embedded.yaml_lines import Item, ProjectError

_MARK = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\((?P<entity>[^()]*)\)|(?P<json>\{[^{}]*\}))")
_LISTS = ("synonym", "lookup", "regex")


class _Marking(msgspec.Struct, forbid_unknown_fields=True):
    entity: str
    role: str | None = None
    value: str | None = None


class NluReader:
    """Gathers the NLU data of all files."""

    def __init__(self) -> None:
        self._examples: list[Example] = []
        self._seen: dict[str, tuple[str, str, int]] = {}
        self._lists: dict[str, dict[str, list[str]]] = {kind: {} for kind in _LISTS}
        self.entities: dict[tuple[str, str | None], Item] = {}
        self.intents: dict[str, Item] = {}

    def read(self, section: Item) -> None:
        """Take in one ``nlu:`` list."""
        for block in section.sequence():
            fields = block.mapping({"intent", "examples", "metadata", *_LISTS})
            kind = next((key for key in ("intent", *_LISTS) if key in fields), None)
            if kind is None:
                block.fail("a block of examples begins with intent, synonym, lookup or regex")
            if "examples" not in fields:
                block.fail(f"the {kind} has no examples")
            if kind == "intent":
                self._read_intent(fields["intent"], fields["examples"])
                continue
            name = fields[kind].text()
            for text, line in _lines(fields["examples"]):
                if kind == "regex":
                    check_pattern(text, block.file, line)
                self._lists[kind].setdefault(name, []).append(text)
            if kind != "synonym":
                self.entities.setdefault((name, None), fields[kind])

    def _read_intent(self, name: Item, examples: Item) -> None:
        intent = name.text()
        self.intents.setdefault(intent, name)
        for text, line in _lines(examples):
            example = self._example(text, intent, (name.file, line), name)
            before = self._seen.setdefault(example.text.lower(), (intent, name.file, line))
            if before[0] != intent:
                problem = (
                    f"this example of '{intent}' is one of '{before[0]}' too"
                    f" ({before[1]}:{before[2]}): keep one"
                )
                raise ProjectError(name.file, line, problem)
            self._examples.append(example)

    def _example(self, raw: str, intent: str, place: tuple[str, int], block: Item) -> Example:
        plain = ""
        position = 0
        spans: list[Span] = []
        for match in _MARK.finditer(raw):
            plain += raw[position : match.start()]
            position = match.end()
            marking = _marking(match, place)
            self.entities.setdefault((marking.entity, marking.role), block)
            start = len(plain)
            plain += match["text"]
            value = marking.value or match["text"]
            spans.append(Span(start, len(plain), marking.entity, marking.role, value))
            if marking.value:
                self._lists["synonym"].setdefault(marking.value, []).append(match["text"])
        plain += raw[position:]
        if "](" in plain or "]{" in plain:
            raise ProjectError(*place, "a marked entity is not written [text](entity) or [text]{...}")
        if clean(plain) != plain or len(plain) > MAX_CHARACTERS:
            raise ProjectError(
                *place, "the example has double spaces, full-width letters or control characters"
            )
        return Example(plain, intent, tuple(spans))

    def read_articles(self, articles: Sequence[Article]) -> None:
        """Take in the questions of the articles, as examples of their intent.

        The marks of an article ("?") are no more than its author's: a question that is an example
        already, here or of another intent, is left as it is there.
        """
        for article in articles:
            for question in article.questions:
                text = clean(question)
                if self._seen.setdefault(text.lower(), (INTENT, FOLDER, 1))[1] == FOLDER:
                    self._examples.append(Example(text, INTENT))

    def finish(self) -> Nlu:
        """What all files say together."""
        synonyms = {
            written.lower(): value for value, forms in self._lists["synonym"].items() for written in forms
        }
        return Nlu(
            examples=tuple(self._examples),
            synonyms=synonyms,
            lookups={name: tuple(words) for name, words in self._lists["lookup"].items()},
            regexes={name: tuple(found) for name, found in self._lists["regex"].items()},
        )


def _marking(match: re.Match[str], place: tuple[str, int]) -> _Marking:
    if match["entity"] is not None:
        entity, colon, _ = match["entity"].partition(":")
        if colon or not entity:
            raise ProjectError(
                *place, '[text](entity:value) is old: write [text]{"entity": ..., "value": ...}'
            )
        return _Marking(entity=entity)
    try:
        return msgspec.json.decode(match["json"], type=_Marking)
    except msgspec.DecodeError as error:
        raise ProjectError(*place, f"the marked entity {match['json']}: {error}") from error


def _lines(examples: Item) -> Iterator[tuple[str, int]]:
    """The examples of a block text ("- one" a line) or of a list, each with its line."""
    if examples.is_sequence:
        for item in examples.sequence():
            if item.is_mapping:
                item = item.mapping({"text", "metadata"})["text"]
            yield item.text().strip(), item.line
        return
    for offset, raw in enumerate(examples.text().split("\n")):
        stripped = raw.strip()
        if not stripped:
            continue
        line = examples.text_line + offset
        if not stripped.startswith("- ") or not stripped[2:].strip():
            raise ProjectError(examples.file, line, "an example is written '- text'")
        yield stripped[2:].strip(), line
