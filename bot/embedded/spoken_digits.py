"""Numbers as people spell them out, in both languages, turned into digits.

"a one zero zero double two" becomes "A10022", "一零零二" becomes "1002", "1 0 0 2" becomes "1002".
Only runs of four digits and more count, so "one of two" stays as it is.
"""

from __future__ import annotations

import re

import msgspec

_ENGLISH = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_CHINESE = dict(zip("零〇幺一二三四五六七八九两", "0011234567892", strict=True))
_TIMES = {"double": 2, "triple": 3}

_DIGIT = r"(?:(?:double|triple) )?(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|[0-9])"
_EDGE = r"(?![A-Za-z0-9])"
_ENGLISH_RUN = rf"(?<![A-Za-z0-9'’])(?:[a-z]-? ){{0,2}}{_DIGIT}{_EDGE}(?:[ ,-] ?{_DIGIT}{_EDGE}){{1,15}}"
_CHINESE_RUN = "[零〇幺一二三四五六七八九两]{4,16}"
_RUN = re.compile(f"{_ENGLISH_RUN}|{_CHINESE_RUN}", re.IGNORECASE)
_PIECE = re.compile(r"[A-Za-z]+|[0-9]|[零〇幺一二三四五六七八九两]")


class Folded(msgspec.Struct, frozen=True):
    """A text with digits for spelt-out numbers; ``origins[i]`` is where character i came from."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original text of a (non-empty) piece of this one."""
        while end < len(self.text) and self.origins[end] == self.origins[end - 1]:
            end += 1
        return self.origins[start], self.origins[end]


def fold(text: str) -> Folded:
    """Replace spelt-out runs of at least four digits."""
    pieces: list[str] = []
    origins: list[int] = []
    position = 0
    for match in _RUN.finditer(text):
        digits = _spell(match.group())
        if sum(character.isdigit() for character in digits) < 4:
            continue
        pieces += [text[position : match.start()], digits]
        origins += [*range(position, match.start()), *[match.start()] * len(digits)]
        position = match.end()
    pieces.append(text[position:])
    origins += [*range(position, len(text)), len(text)]
    return Folded("".join(pieces), tuple(origins))


def _spell(run: str) -> str:
    spelt = ""
    times = 1
    for piece in _PIECE.findall(run):
        word = piece.lower()
        if word in _TIMES:
            times = _TIMES[word]
            continue
        spelt += (_ENGLISH.get(word) or _CHINESE.get(word) or piece.upper()) * times
        times = 1
    return spelt
