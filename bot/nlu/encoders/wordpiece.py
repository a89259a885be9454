"""Cuts a text into the word pieces of a BERT vocabulary (uncased or cased).

As in Devlin et al., "BERT" (arXiv 1810.04805): words and marks apart, every Chinese character for
itself, then for each word the longest known pieces from its start.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

_REMEMBERED = 16_384
_LONGEST_WORD = 100
_MOST_CHARACTERS = 2000
_CHINESE = (
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF), (0x2A700, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)  # fmt: skip


class WordPieces:
    """A vocabulary: a piece's number is its line. ``uncased`` folds case and takes accents off."""

    def __init__(self, vocabulary: Sequence[str], *, uncased: bool = True) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._numbers["[UNK]"]
        self._begin, self._end = self._numbers["[CLS]"], self._numbers["[SEP]"]
        self._uncased = uncased
        self._cut_word = lru_cache(_REMEMBERED)(self._find_cut)

    def cut(self, text: str, longest: int) -> list[int]:
        """The numbers of the pieces between the marks of begin and end, at most ``longest`` in all."""
        pieces = [number for word in self._words(text[:_MOST_CHARACTERS]) for number in self._cut_word(word)]
        return [self._begin, *pieces[: longest - 2], self._end]

    def _words(self, text: str) -> list[str]:
        if self._uncased:
            text = "".join(
                character
                for character in unicodedata.normalize("NFD", text.lower())
                if unicodedata.category(character) != "Mn"
            )
        return "".join(_spaced(text)).split()

    def _find_cut(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        pieces: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                number = self._numbers.get(prefix + word[start:end])
                if number is not None:
                    pieces.append(number)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(pieces)


def _spaced(text: str) -> Iterator[str]:
    for character in text:
        if character.isalnum() and character < "\u3000":
            yield character
        elif character.isspace():
            yield " "
        elif _is_mark(character) or _is_chinese(character):
            yield f" {character} "
        elif unicodedata.category(character)[0] != "C":
            yield character


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "P" or (character.isascii() and character.isprintable())


def _is_chinese(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in _CHINESE)
