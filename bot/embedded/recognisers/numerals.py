"""Number words of both languages, and a text cut into the tokens that numbers are made of."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from bot.embedded.text import HAN


class Kind(IntEnum):
    """What a token can be part of."""

    WORD = 0
    LETTER = 1
    LITERAL = 2
    DIGIT = 3
    TEEN = 4
    TENS = 5
    HUNDRED = 6
    THOUSAND = 7
    TIMES = 8
    AND = 9
    POINT = 10
    DASH = 11
    PLUS = 12
    ORDINAL = 13
    HAN_DIGIT = 14
    HAN_UNIT = 15
    HAN_TIMES = 16


class Token(NamedTuple):
    """A piece of text[start:end]; ``value`` is its number, where it has one."""

    kind: Kind
    start: int
    end: int
    value: int
    text: str


def _numbered(words: str, kind: Kind, first: int, step: int = 1) -> dict[str, tuple[Kind, int]]:
    return {word: (kind, first + step * place) for place, word in enumerate(words.split())}


_TABLE: dict[str, tuple[Kind, int]] = {
    **_numbered("zero one two three four five six seven eight nine", Kind.DIGIT, 0),
    **dict.fromkeys(("oh", "o", "nought"), (Kind.DIGIT, 0)),
    **_numbered(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", Kind.TEEN, 10
    ),
    **_numbered("twenty thirty forty fifty sixty seventy eighty ninety", Kind.TENS, 20, 10),
    "fourty": (Kind.TENS, 40),
    **_numbered("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
                " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
                Kind.ORDINAL, 1),
    "thirtieth": (Kind.ORDINAL, 30),
    "hundred": (Kind.HUNDRED, 100), "thousand": (Kind.THOUSAND, 1000),
    "double": (Kind.TIMES, 2), "triple": (Kind.TIMES, 3), "treble": (Kind.TIMES, 3),
    "and": (Kind.AND, 0), "point": (Kind.POINT, 0), "点": (Kind.POINT, 0), "plus": (Kind.PLUS, 0),
    **dict.fromkeys(("dash", "hyphen", "minus", "杠", "横杠"), (Kind.DASH, 0)),
    **{sign: (Kind.HAN_DIGIT, number)
       for sign, number in zip("零〇一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)},
    "幺": (Kind.HAN_DIGIT, 1), "两": (Kind.HAN_DIGIT, 2),
    **{sign: (Kind.HAN_UNIT, 10**zeros)
       for sign, zeros in (("十", 1), ("百", 2), ("千", 3), ("万", 4), ("亿", 8))},
}  # fmt: skip

ORDINALS = frozenset(word for word, (kind, _) in _TABLE.items() if kind is Kind.ORDINAL)

_TOKEN = re.compile(
    rf"[两二三四五2-5]个(?=[零〇一二三四五六七八九0-9])|[0-9]+|横?杠|[零〇幺二三四五六七八九两十百千万亿点]|一(?!个(?!月|星期|礼拜|周)|[直下共样起定般些旦会])"
    rf"|[^\W\d_{HAN}]+"
)


def tokens_of(level: str) -> list[Token]:
    """The words, digits and Chinese numerals of a levelled text (`reading.level`), in order."""
    found = []
    for match in _TOKEN.finditer(level):
        text = match.group()
        known = _TABLE.get(text)
        if known is not None:
            kind, value = known
        elif text[0] in "0123456789" and text[-1] != "个":
            kind, value = Kind.LITERAL, 0
        elif text[-1] == "个":
            kind, value = Kind.HAN_TIMES, _TABLE[text[0]][1] if text[0] in _TABLE else int(text[0])
        else:
            kind, value = (Kind.LETTER if len(text) == 1 else Kind.WORD), 0
        found.append(Token(kind, match.start(), match.end(), value, text))
    return found


def read_english(tokens: list[Token], at: int) -> tuple[int, int]:
    """The number that begins at tokens[at] ("one hundred and two", "thirty four") and where it ends.

    "twelve thirty four" is two of them. The caller has seen to it that the tokens stand together.
    """
    value, at = _below_hundred(tokens, at)
    if value and _is(tokens, at, Kind.HUNDRED):
        value, at = _plus_rest(tokens, at + 1, value * 100, hundreds=False)
    if value and _is(tokens, at, Kind.THOUSAND):
        value, at = _plus_rest(tokens, at + 1, value * 1000, hundreds=True)
    return value, at


def _plus_rest(tokens: list[Token], at: int, value: int, *, hundreds: bool) -> tuple[int, int]:
    """What may follow "hundred" or "thousand", with or without "and"; a zero is not part of it."""
    after = at + 1 if _is(tokens, at, Kind.AND) else at
    rest, end = _below_hundred(tokens, after)
    if hundreds and rest and _is(tokens, end, Kind.HUNDRED):
        rest, end = _plus_rest(tokens, end + 1, rest * 100, hundreds=False)
    return (value + rest, end) if rest else (value, at)


def _below_hundred(tokens: list[Token], at: int) -> tuple[int, int]:
    """0 and where it began, if no number word is there."""
    if at >= len(tokens):
        return 0, at
    token = tokens[at]
    if token.kind is Kind.TENS:
        if _is(tokens, at + 1, Kind.DIGIT) and tokens[at + 1].value:
            return token.value + tokens[at + 1].value, at + 2
        return token.value, at + 1
    if token.kind in (Kind.TEEN, Kind.DIGIT):
        return token.value, at + 1
    if token.kind is Kind.LITERAL and len(token.text) <= 2:
        return int(token.text), at + 1
    return 0, at


def _is(tokens: list[Token], at: int, kind: Kind) -> bool:
    return at < len(tokens) and tokens[at].kind is kind


def read_chinese(parts: list[Token]) -> Decimal | None:
    """ "一千零二十" is 1020, "一百二" is 120, "2万" is 20000; None for what is no number ("两三百").

    Every part is a digit, a unit or a literal.
    """
    total = section = Decimal(0)
    coefficient: Decimal | None = None
    smallest = 10**4
    largest_section = 10**12
    zero = False
    last_unit = 10
    for part in parts:
        if part.kind is not Kind.HAN_UNIT:
            if coefficient is not None:
                return None
            if part.kind is Kind.HAN_DIGIT and part.value == 0:
                zero = True
                continue
            coefficient = Decimal(part.text if part.kind is Kind.LITERAL else part.value)
            continue
        unit = part.value
        if unit >= 10**4:
            section += coefficient or 0
            if not section or unit >= largest_section:
                return None
            total += section * unit
            largest_section = unit
            section, smallest = Decimal(0), 10**4
        else:
            if coefficient is None and unit != 10:
                return None
            if unit >= smallest:
                return None
            section += (1 if coefficient is None else coefficient) * unit
            smallest = unit
        coefficient, zero, last_unit = None, False, unit
    if coefficient is not None:
        # "一百二" leaves the unit out: it is ten times smaller than the last one.
        short = not zero and parts[-1].kind is Kind.HAN_DIGIT
        section += coefficient * (last_unit // 10 if short else 1)
    return total + section
