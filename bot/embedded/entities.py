"""Finds entities: patterns and lists of the project, recognisers of the world, roles by neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.embedded.corrections import settle
from bot.embedded.entity import Entity
from bot.embedded.known_words import Known, KnownWords
from bot.embedded.project import Domain, Example, Nlu
from bot.embedded.recognisers import RECOGNISERS
from bot.embedded.recognisers.cues import OTHER, counts_something, cue
from bot.embedded.recognisers.numerals import tokens_of
from bot.embedded.recognisers.quantities import quantities
from bot.embedded.recognisers.reading import Reading, apply, latin, level
from bot.embedded.roles import RoleChooser
from bot.embedded.spoken_digits import fold_tokens
from bot.embedded.text import HAN

__all__ = ["Entity", "Extractor", "mark"]

_WORD = re.compile(r"[a-z]+")
_WORD_OR_HAN = re.compile(rf"[{HAN}]|[^\W{HAN}]+")
_MOST_CANDIDATES = 400
_ADJECTIVES = frozenset(["severity"])
"""Entities whose words are everyday adjectives: unless just asked for, they count only in messages that
hold little else."""
_MOST_BESIDE = 4
_GLUED = re.compile(r"(?<![a-z])(?:order|number|ticket|no|nr)(?=[0-9]{4})", re.IGNORECASE)


class Extractor:
    """Finds the entities that a project declares. ``region`` is the country of telephone numbers that
    are given without one."""

    def __init__(self, domain: Domain, nlu: Nlu, region: str = "CN") -> None:
        self._patterns = [
            (entity, re.compile(pattern))
            for entity in domain.entities
            for pattern in nlu.regexes.get(entity, ())
        ]
        self._recognisers = [
            (entity, RECOGNISERS[entity]) for entity in domain.entities if entity in RECOGNISERS
        ]
        self._order = {entity: place for place, entity in enumerate(domain.entities)}
        self._words = _known_words(domain, nlu)
        self._roles = RoleChooser(domain, nlu)
        self._region = region

    def extract(
        self, text: str, expected: frozenset[str] = frozenset(), today: date | None = None
    ) -> tuple[Entity, ...]:
        """The entities of a cleaned text, in order, without overlap and without what was taken back.

        Where two claim the same characters, one of the ``expected`` (what a form just asked for)
        wins, then the longer one, then what the words beside announce. With ``today``, dates that are
        told from today become days.
        """
        reading = _read(text, expected, today, self._region)
        found = sorted(self._candidates(reading), key=lambda one: one[0])[:_MOST_CANDIDATES]
        free = bytearray(len(text))
        taken: list[Entity] = []
        for _, one in found:
            if not any(free[one.start : one.end]):
                free[one.start : one.end] = b"\1" * (one.end - one.start)
                taken.append(one)
        taken.sort(key=lambda one: one.start)
        return tuple(self._roles.choose(text, settle(text, taken, self._roles.directed)))

    def _candidates(self, reading: Reading) -> Iterator[tuple[tuple[bool, int, int, int, int], Entity]]:
        """What might be an entity, each with its rank: the smaller goes first."""
        for one, rank in self._ranked(reading):
            order = self._order[one.entity]
            yield (one.entity not in reading.expected, one.start - one.end, rank, order, one.start), one

    def _ranked(self, reading: Reading) -> Iterator[tuple[Entity, int]]:
        for entity, recognise in self._recognisers:
            for start, end, value in recognise(reading):
                one = Entity(entity, start, end, value)
                if entity != "phone" or self._fits(reading, one) is not None:
                    yield one, 0
        for start, end, known in self._words.find(reading.level):
            if known.entity in reading.expected or not _in_passing(reading.level, start, end, known.entity):
                yield Entity(known.entity, start, end, known.value), 1
        for one in self._by_pattern(reading):
            fit = self._fits(reading, one)
            if fit is not None:
                yield one, fit

    def _by_pattern(self, reading: Reading) -> Iterator[Entity]:
        for folded in reading.ids:
            for entity, pattern in self._patterns:
                for match in pattern.finditer(folded.text):
                    if match.group():
                        start, end = folded.span(*match.span())
                        yield Entity(entity, start, end, match.group().upper())

    def _fits(self, reading: Reading, one: Entity) -> int | None:
        """How well the words beside fit a number, from 2; None where they say that it is another
        thing, which only a form's question overrules."""
        announced = cue(reading.level, one.start, one.end)
        if announced == one.entity:
            return 2
        if one.entity in reading.expected:
            return 3
        if announced in (OTHER, "phone") or (one.entity == "phone" and announced is not None):
            return None
        if one.value[-1:].isdigit() and counts_something(reading.level, one.end):
            return None
        return 3 if announced is None else 4


def _in_passing(low: str, start: int, end: int, entity: str) -> bool:
    """ "why are taxes so high" says no degree of severity."""
    if entity not in _ADJECTIVES:
        return False
    return len(_WORD_OR_HAN.findall(low[:start])) + len(_WORD_OR_HAN.findall(low[end:])) > _MOST_BESIDE


def _read(text: str, expected: frozenset[str], today: date | None, region: str) -> Reading:
    low = level(text)
    tokens = tokens_of(low)
    plain = _GLUED.sub(lambda match: " " * len(match.group()), latin(text))
    return Reading(
        text=text,
        level=low,
        tokens=tokens,
        words=frozenset(token.text for token in tokens),
        ids=fold_tokens(plain, low, tokens),
        amounts=apply(low, quantities(low, tokens)),
        expected=expected,
        today=today,
        region=region,
    )


def mark(text: str, found: tuple[Entity, ...]) -> str:
    """The text with " <entity> " in place of each entity: what the intent classifier reads."""
    pieces: list[str] = []
    position = 0
    for one in found:
        pieces += [text[position : one.start], f" <{one.entity}> "]
        position = one.end
    return "".join([*pieces, text[position:]])


def _known_words(domain: Domain, nlu: Nlu) -> KnownWords:
    """The words of lookup tables, marked examples and synonyms, by their written forms."""
    words: dict[str, Known] = {}
    values: dict[str, str] = {}
    for entity, entries in nlu.lookups.items():
        for entry in entries:
            written = entry.lower()
            value = nlu.synonyms.get(written, entry)
            words.setdefault(written, Known(entity, value))
            values.setdefault(value, entity)
    for example in nlu.examples:
        for span in example.spans:
            if span.entity in RECOGNISERS or span.entity in nlu.regexes:
                continue
            written = example.text[span.start : span.end].lower()
            value = nlu.synonyms.get(written, span.value)
            words.setdefault(written, Known(span.entity, value))
            values.setdefault(value, span.entity)
    for written, value in nlu.synonyms.items():
        if value in values:
            words.setdefault(written, Known(values[value], value))
    wanted = {written: known for written, known in words.items() if known.entity in domain.entities}
    nouns = frozenset(entry.lower() for entries in nlu.lookups.values() for entry in entries)
    ordinary = frozenset(word for example in nlu.examples for word in _WORD.findall(_without_spans(example)))
    return KnownWords(wanted, nouns, ordinary)


def _without_spans(example: Example) -> str:
    """An example in lower case without its entities, so that a marked misspelling teaches nothing."""
    text = example.text
    for span in reversed(example.spans):
        text = f"{text[: span.start]} {text[span.end :]}"
    return text.lower()
