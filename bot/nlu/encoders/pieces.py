"""Cuts a sentence into the pieces of a unigram vocabulary (SentencePiece's file format).

The likeliest cut is found by Viterbi's algorithm, as in Kudo, "Subword Regularization" (ACL 2018).
Characters are folded by Unicode's NFKC, which is what the format's nmt_nfkc rules amount to for text
that people write.
"""

from __future__ import annotations

import math
import struct
import unicodedata
from functools import lru_cache

UNKNOWN, BEGIN, END = 0, 1, 2
_UNKNOWN_PENALTY = 10.0
_SPACE = "\u2581"
_REMEMBERED, _REMEMBERED_LENGTH = 16_384, 32
"""How many words are remembered, and up to how many characters: text without spaces is one word."""

_MOST_CHARACTERS = 2000
_PIECE, _TEXT, _SCORE = 0x0A, 0x0A, 0x15


class Pieces:
    """A vocabulary: a piece's number is its place in the file."""

    def __init__(self, model: bytes) -> None:
        scored = _read(model)
        self._entries = {text: (number, score) for number, (text, score) in enumerate(scored)}
        self._unknown = min(score for _, score in scored) - _UNKNOWN_PENALTY
        self._longest = max(len(text) for text, _ in scored)
        self._cut_word = lru_cache(_REMEMBERED)(self._find_cut)

    def cut(self, text: str) -> list[int]:
        """The numbers of the pieces of ``text``; [`UNKNOWN`] for a text without any.

        A space only ever begins a piece, so that words can be cut one by one and remembered.
        """
        words = _fold(text[:_MOST_CHARACTERS])[:_MOST_CHARACTERS].split()
        return [number for word in words for number in self._cut(word)] or [UNKNOWN]

    def _cut(self, word: str) -> tuple[int, ...]:
        return self._cut_word(word) if len(word) <= _REMEMBERED_LENGTH else self._find_cut(word)

    def _find_cut(self, word: str) -> tuple[int, ...]:
        marked = _SPACE + word
        size = len(marked)
        best = [0.0] + [-math.inf] * size
        before = [0] * (size + 1)
        number = [UNKNOWN] * (size + 1)
        entry = self._entries.get
        for start in range(size):
            base = best[start]
            if marked[start] not in self._entries and base + self._unknown > best[start + 1]:
                best[start + 1] = base + self._unknown
                before[start + 1], number[start + 1] = start, UNKNOWN
            for end in range(start + 1, min(start + self._longest, size) + 1):
                found = entry(marked[start:end])
                if found is not None and base + found[1] > best[end]:
                    best[end] = base + found[1]
                    before[end], number[end] = start, found[0]
        pieces: list[int] = []
        place = size
        while place > 0:
            pieces.append(number[place])
            place = before[place]
        return tuple(reversed(pieces))


def _fold(text: str) -> str:
    """Full-width forms and the like folded; what is neither seen nor a space counts as a space."""
    folded = unicodedata.normalize("NFKC", text)
    if folded.isprintable():
        return folded
    return "".join(character if character.isprintable() else " " for character in folded)


def _read(model: bytes) -> list[tuple[str, float]]:
    """The pieces with their scores: the repeated first field of the file, which is a protocol buffer.

    A piece is shorter than 128 bytes, so each length is one byte.
    """
    scored: list[tuple[str, float]] = []
    place = 0
    while place < len(model) and model[place] == _PIECE:
        size, place = model[place + 1], place + 2
        end = place + size
        length = model[place + 1]
        text = model[place + 2 : place + 2 + length].decode()
        rest = place + 2 + length
        score = struct.unpack_from("<f", model, rest + 1)[0] if rest < end and model[rest] == _SCORE else 0.0
        scored.append((text, score))
        place = end
    return scored
