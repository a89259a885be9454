"""Finds entities: patterns and lists of the project, recognisers of the world, roles by neighbours."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from bot.embedded.project import Domain, Nlu
from bot.embedded.recognisers import RECOGNISERS
from bot.embedded.spoken_digits import fold
from bot.embedded.text import HAN

_NEIGHBOUR = re.compile(f"[{HAN}]|[^\\W{HAN}]+")
_WINDOW = 24


class Entity(msgspec.Struct, frozen=True):
    """An entity found at text[start:end]; ``value`` is its normal form (synonyms, E.164, ...)."""

    entity: str
    start: int
    end: int
    value: str
    role: str | None = None


class Extractor:
    """Finds the entities that a project declares."""

    def __init__(self, domain: Domain, nlu: Nlu) -> None:
        self._patterns = [
            (entity, re.compile(pattern))
            for entity in domain.entities
            for pattern in nlu.regexes.get(entity, ())
        ]
        self._recognisers = [
            (entity, RECOGNISERS[entity]) for entity in domain.entities if entity in RECOGNISERS
        ]
        self._words = _known_words(domain, nlu)
        self._word = _alternatives(self._words)
        self._synonyms = nlu.synonyms
        self._roles = _RoleChooser(domain, nlu)

    def extract(self, text: str, expected: frozenset[str] = frozenset()) -> tuple[Entity, ...]:
        """The entities of a cleaned text, in order, without overlap.

        Where two claim the same characters, one of the ``expected`` (what a form just asked for)
        wins, then the longer one.
        """
        found = sorted(
            self._candidates(text),
            key=lambda one: (one.entity not in expected, one.start - one.end, one.start),
        )
        taken: list[Entity] = []
        for one in found:
            if all(one.end <= other.start or other.end <= one.start for other in taken):
                taken.append(one)
        taken.sort(key=lambda one: one.start)
        return tuple(self._roles.choose(text, one) for one in taken)

    def _candidates(self, text: str) -> Iterator[Entity]:
        folded = fold(text)
        for entity, pattern in self._patterns:
            for match in pattern.finditer(folded.text):
                if match.group():
                    start, end = folded.span(*match.span())
                    yield Entity(entity, start, end, match.group().upper())
        for entity, recognise in self._recognisers:
            for begin, finish, value in recognise(folded.text):
                start, end = folded.span(begin, finish)
                yield Entity(entity, start, end, value)
        if self._word is None:
            return
        for match in self._word.finditer(text):
            written = match.group().lower()
            value = self._synonyms.get(written, self._words[written][1])
            yield Entity(self._words[written][0], match.start(), match.end(), value)


def mark(text: str, found: tuple[Entity, ...]) -> str:
    """The text with " <entity> " in place of each entity: what the intent classifier reads."""
    pieces: list[str] = []
    position = 0
    for one in found:
        pieces += [text[position : one.start], f" <{one.entity}> "]
        position = one.end
    return "".join([*pieces, text[position:]])


def _known_words(domain: Domain, nlu: Nlu) -> dict[str, tuple[str, str]]:
    """Written form in lower case -> entity and value, from lookup tables, examples and synonyms."""
    words: dict[str, tuple[str, str]] = {}
    values: dict[str, str] = {}
    for entity, entries in nlu.lookups.items():
        for entry in entries:
            words.setdefault(entry.lower(), (entity, entry))
    for example in nlu.examples:
        for span in example.spans:
            if span.entity in RECOGNISERS or span.entity in nlu.regexes:
                continue
            written = example.text[span.start : span.end].lower()
            words.setdefault(written, (span.entity, span.value))
            values.setdefault(nlu.synonyms.get(written, span.value), span.entity)
    for written, value in nlu.synonyms.items():
        if value in values:
            words.setdefault(written, (values[value], value))
    return {word: place for word, place in words.items() if place[0] in domain.entities}


def _alternatives(words: dict[str, tuple[str, str]]) -> re.Pattern[str] | None:
    """One pattern for all words, the longest first; Latin ones only as whole words."""
    if not words:
        return None
    parts = []
    for word in sorted(words, key=lambda written: (-len(written), written)):
        left = "(?<![a-z0-9])" if word[0].isascii() else ""
        right = "(?![a-z0-9])" if word[-1].isascii() else ""
        parts.append(f"{left}{re.escape(word)}{right}")
    return re.compile("|".join(parts), re.IGNORECASE)


class _RoleChooser:
    """Tells roles apart by the words beside an entity (naive Bayes over the marked examples)."""

    def __init__(self, domain: Domain, nlu: Nlu) -> None:
        self._counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._roles = domain.entities
        for example in nlu.examples:
            for span in example.spans:
                if span.role:
                    seen = _neighbours(example.text, span.start, span.end)
                    self._counts[span.entity, span.role].update(seen)

    def choose(self, text: str, one: Entity) -> Entity:
        roles = self._roles.get(one.entity, ())
        if not roles:
            return one
        seen = _neighbours(text, one.start, one.end)
        known = [word for word in seen if any(self._counts[one.entity, r][word] for r in roles)]
        if not known:
            return one

        def likelihood(role: str) -> float:
            counts = self._counts[one.entity, role]
            total = counts.total() + 50
            return sum(math.log((counts[word] + 0.5) / total) for word in known)

        return msgspec.structs.replace(one, role=max(roles, key=likelihood))


def _neighbours(text: str, start: int, end: int) -> list[str]:
    before = _NEIGHBOUR.findall(text[max(0, start - _WINDOW) : start].lower())
    after = _NEIGHBOUR.findall(text[end : end + _WINDOW].lower())
    return [f"-{word}" for word in before[-2:]] + [f"+{word}" for word in after[:1]]
