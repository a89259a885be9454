"""A message as recognisers read it: levelled letters, and digits in place of spelt-out numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from bot.embedded.recognisers.numerals import Token

_LOOKALIKES = str.maketrans("АВЕКМНОРСТХУаеорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXYaeopcyxABEZHIKMNOPTYX")
"""Cyrillic and Greek letters that nobody can tell from Latin ones, in an order number."""

_SIMPLER = str.maketrans(
    "號電話個週禮後點塊錢兩萬億幣歐鎊單訂圓壹贰叁肆伍陆柒捌玖拾佰仟貳參陸’",
    "号电话个周礼后点块钱两万亿币欧镑单订元一二三四五六七八九十百千二三六'",
)
"""Traditional and bookkeepers' forms of what numbers, dates and sums are written with."""

_OTHER_DIGIT = re.compile(r"[^\D0-9]")


class Folded(NamedTuple):
    """A text with some pieces replaced; ``origins[i]`` is where character i came from."""

    text: str
    origins: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original text of a (non-empty) piece of this one."""
        while end < len(self.text) and self.origins[end] == self.origins[end - 1]:
            end += 1
        return self.origins[start], self.origins[end]


class Change(NamedTuple):
    """text[start:end] reads as ``instead``."""

    start: int
    end: int
    instead: str


def apply(text: str, changes: Sequence[Change]) -> Folded:
    """The text with its changes, which are in order and do not overlap."""
    if not changes:
        return Folded(text, range(len(text) + 1))
    pieces: list[str] = []
    origins: list[int] = []
    position = 0
    for start, end, instead in changes:
        pieces += [text[position:start], instead]
        origins += [*range(position, start), *[start] * len(instead)]
        position = end
    pieces.append(text[position:])
    origins += range(position, len(text) + 1)
    return Folded("".join(pieces), origins)


def latin(text: str) -> str:
    """The same characters one by one, look-alikes as Latin letters and every script's digits as 0-9."""
    if text.isascii():
        return text
    text = text.translate(_LOOKALIKES)
    if _OTHER_DIGIT.search(text):
        text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match.group())), text)
    return text


def level(text: str) -> str:
    """`latin` in lower case, with simple Chinese numerals; still one character for one."""
    if text.isascii():
        return text.lower()
    lower = text.lower()
    if len(lower) != len(text):  # "İ" has two characters in lower case
        lower = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    return latin(lower).translate(_SIMPLER)


class Reading(msgspec.Struct, frozen=True):
    """One message, read once for all recognisers.

    ``level``, ``tokens`` and ``words`` are of the levelled text. ``ids`` has said and scattered
    digits joined as in a number that names something, ``amounts`` as in one that counts.
    ``expected`` are the entities just asked for, ``today`` is the day of the conversation where one is
    known, ``region`` the country of telephone numbers without one.
    """

    text: str
    level: str
    tokens: list[Token]
    words: frozenset[str]
    ids: tuple[Folded, ...]
    amounts: Folded
    expected: frozenset[str] = frozenset()
    today: date | None = None
    region: str = "CN"
