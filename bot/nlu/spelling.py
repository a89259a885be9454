"""Puts right misspelt words of languages with letters, for a sentence encoder.

An encoder reads "ordr" as something else than "order", where n-grams see most of it. A word that neither
an example nor the encoder's own vocabulary has is taken for the most frequent word of the examples that is
one slip after its first letter away: a letter too many, too few, changed, or two letters swapped. Found by
deletions on both sides, as SymSpell does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

_SHORTEST, _LONGEST = 4, 20
"""Letters of a word that is looked at: shorter ones are too near to each other."""

_FEWEST = 2
"""Sentences that have a word before others are taken for it."""

_WORD = re.compile(rf"(?<![\w<'])[A-Za-z]{{{_SHORTEST},{_LONGEST}}}(?![\w>'])")


class Speller:
    """``words``: in lower case, with how many sentences have them; ``knows`` says what else is right."""

    def __init__(self, words: Mapping[str, int], knows: Callable[[str], bool]) -> None:
        self._known = words
        self._knows = knows
        self._near: dict[str, list[str]] = defaultdict(list)
        for word, count in words.items():
            if count >= _FEWEST and _WORD.fullmatch(word):
                for form in {word, *_shortened(word)}:
                    self._near[form].append(word)

    def correct(self, text: str) -> str:
        """The text with misspelt words put right; everything else stays."""
        return _WORD.sub(lambda match: self._correct(match.group()), text)

    def _correct(self, written: str) -> str:
        word = written.lower()
        if word in self._known or self._knows(word):
            return written
        found = {
            near
            for form in (word, *_shortened(word))
            for near in self._near.get(form, ())
            if near[0] == word[0] and _is_one_slip(word, near)
        }
        return min(found, key=lambda near: (-self._known[near], near), default=written)


def _shortened(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def _is_one_slip(word: str, other: str) -> bool:
    """Given that a deletion on one or both sides makes them equal."""
    if len(word) != len(other):
        return True
    differ = [place for place in range(len(word)) if word[place] != other[place]]
    if len(differ) == 1:
        return True
    return (
        len(differ) == 2
        and differ[1] == differ[0] + 1
        and word[differ[0]] == other[differ[1]]
        and word[differ[1]] == other[differ[0]]
    )
