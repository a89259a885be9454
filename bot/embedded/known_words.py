"""Finds words of lists: products, places, degrees, languages.

Latin words count whole, in any case, in singular and plural, written together or apart ("coffeemachine",
"coffee-machine"), and with one wrong, missing, doubled or swapped letter where they have six letters and
more. Chinese words are found wherever they stand. The longest wins. A message costs a few look-ups a
word, however long the lists are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.embedded.recognisers.reading import level
from bot.embedded.text import HAN

_PIECE = re.compile(rf"[{HAN}]|[^\W{HAN}]+")
_GAPS = ("", " ", "-", "'")
_LEAST_LETTERS = 6
_MOST_LETTERS = 24


class Known(NamedTuple):
    """What a written form stands for."""

    entity: str
    value: str


class KnownWords:
    """Written forms in lower case and what they stand for; ``ordinary`` words are never misspellings
    of them ("charged" is no "charger")."""

    def __init__(self, words: Mapping[str, Known], nouns: frozenset[str], ordinary: frozenset[str]) -> None:
        self._forms: dict[tuple[str, ...], Known] = {}
        for written, known in words.items():
            self._forms.setdefault(_pieces(written), known)
        for written, known in words.items():
            for form in _variants(written, plural=written in nouns):
                self._forms.setdefault(form, known)
        self._lengths: dict[str, tuple[int, ...]] = {}
        for form in self._forms:
            known_lengths = self._lengths.get(form[0], ())
            self._lengths[form[0]] = tuple(sorted({*known_lengths, len(form)}, reverse=True))
        pieces = {piece for form in self._forms for piece in form}
        self._pieces = pieces | ordinary
        self._near = _neighbours_of(pieces)

    def find(self, text: str) -> Iterator[tuple[int, int, Known]]:
        """The known words of a levelled text, from left to right, without overlap."""
        if not self._forms:
            return
        places = [(match.start(), match.end(), match.group()) for match in _PIECE.finditer(text)]
        spelt = [piece if piece in self._pieces else self._mend(piece) for _, _, piece in places]
        at = 0
        while at < len(places):
            length = self._longest(text, places, spelt, at)
            if length:
                end = places[at + length - 1][1]
                yield places[at][0], end, self._forms[tuple(spelt[at : at + length])]
                at += length
            elif at + 1 < len(places) and self._is_split(text, places, at):
                joined = places[at][2] + places[at + 1][2]
                yield places[at][0], places[at + 1][1], self._forms[(joined,)]
                at += 2
            else:
                at += 1

    def _longest(self, text: str, places: list[tuple[int, int, str]], spelt: list[str], at: int) -> int:
        """How many pieces the longest known form here has; 0 where there is none."""
        for length in self._lengths.get(spelt[at], ()):
            if at + length <= len(places) and tuple(spelt[at : at + length]) in self._forms:
                gaps = (text[places[one][1] : places[one + 1][0]] for one in range(at, at + length - 1))
                if all(gap in _GAPS for gap in gaps):
                    return length
        return 0

    def _is_split(self, text: str, places: list[tuple[int, int, str]], at: int) -> bool:
        """ "head phones": a word of the list with a blank in it."""
        (_, end, first), (start, _, second) = places[at], places[at + 1]
        if text[end:start] not in (" ", "-") or len(first) < 3 or len(second) < 3:
            return False
        return (first + second,) in self._forms

    def _mend(self, piece: str) -> str:
        """The one known word that is a single slip away, else the piece itself."""
        if not _LEAST_LETTERS - 1 <= len(piece) <= _MOST_LETTERS or not piece.isalpha():
            return piece
        found = {
            word
            for short in (piece, *_without_one(piece))
            for word in self._near.get(short, ())
            if _is_one_slip(piece, word)
        }
        return found.pop() if len(found) == 1 else piece


def _pieces(written: str) -> tuple[str, ...]:
    return tuple(_PIECE.findall(level(written)))


def _variants(written: str, *, plural: bool) -> Iterator[tuple[str, ...]]:
    pieces = _pieces(written)
    if not pieces or not pieces[-1].isascii() or not pieces[-1].isalpha():
        return
    forms = [pieces]
    if len(pieces) > 1 and all(piece.isascii() for piece in pieces):
        forms.append(("".join(pieces),))
    yield from forms[1:]
    if not plural:
        return
    for form in forms:
        *head, last = form
        if len(last) >= _LEAST_LETTERS and last.endswith("s") and last[-2] not in "sui":
            yield (*head, last[:-1])
        elif len(last) >= 3 and not last.endswith("s"):
            yield (*head, f"{last[:-1]}ies" if last[-1] == "y" and last[-2] not in "aeiou" else f"{last}s")
            if last[-1] in "xzh":
                yield (*head, f"{last}es")
        elif last.endswith("s"):
            yield (*head, f"{last}es")


def _neighbours_of(pieces: set[str]) -> dict[str, tuple[str, ...]]:
    """Every long word, whole and with one letter left out, and the words that this can come from."""
    near: dict[str, tuple[str, ...]] = {}
    for word in sorted(pieces):
        if _LEAST_LETTERS <= len(word) <= _MOST_LETTERS and word.isascii() and word.isalpha():
            for short in {word, *_without_one(word)}:
                near[short] = (*near.get(short, ()), word)
    return near


def _without_one(word: str) -> Iterator[str]:
    """The word without one letter; the first stays, since people get that one right."""
    return (word[:at] + word[at + 1 :] for at in range(1, len(word)))


def _is_one_slip(written: str, word: str) -> bool:
    """True for one letter more, less, other or swapped, before the last letter: another ending makes
    another word ("printed", "tables", "routing")."""
    if written[-1] == word[-1] == "s":
        written, word = written[:-1], word[:-1]
    if len(written) == len(word):
        differ = [at for at, (one, two) in enumerate(zip(written, word, strict=True)) if one != two]
        if len(differ) == 1:
            return differ[0] < len(word) - 1
        if len(differ) != 2 or differ[1] != differ[0] + 1:
            return False
        return written[differ[0]] == word[differ[1]] and written[differ[1]] == word[differ[0]]
    if abs(len(written) - len(word)) != 1:
        return False
    longer, shorter = (written, word) if len(written) > len(word) else (word, written)
    at = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    doubled = longer[-1] == longer[-2]
    return shorter[at:] == longer[at + 1 :] and (at < len(shorter) or doubled)
