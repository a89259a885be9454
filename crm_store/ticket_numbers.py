"""Ticket numbers: eight digits to be read out over the phone, the last of which finds mistakes.

The check digit is H. Michael Damm's ("Total anti-symmetrische Quasigruppen", Marburg 2004, with
the quasigroup of order 10 given there): any one wrong digit and any two neighbours exchanged are
found, and with this table also the confusions of 13 and 30, 14 and 40, up to 19 and 90.
"""

from __future__ import annotations

import re
import unicodedata
from random import Random
from typing import Final

LENGTH: Final = 8

_QUASIGROUP: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)

_WORDS: Final[dict[str, str]] = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "零": "0", "〇": "0", "○": "0", "洞": "0", "一": "1", "壹": "1", "幺": "1", "二": "2", "两": "2",
    "贰": "2", "三": "3", "叁": "3", "四": "4", "肆": "4", "五": "5", "伍": "5", "六": "6", "陆": "6",
    "七": "7", "柒": "7", "拐": "7", "八": "8", "捌": "8", "九": "9", "玖": "9",
}  # fmt: skip
_TIMES: Final = {"double": 2, "triple": 3}
_TOKEN: Final = re.compile(r"[a-z]+|\d|[^\W\d_a-z]")
_LONGEST: Final = 200
_SPOKEN_ZH: Final = "零幺二三四五六七八九"


def check_digit(digits: str) -> str:
    """The digit that makes ``digits`` (0-9 only) a number without mistakes."""
    state = 0
    for digit in digits:
        state = int(_QUASIGROUP[state][int(digit)])
    return str(state)


def is_valid(number: str) -> bool:
    """Whether these are eight digits of which the last one fits the others."""
    return (
        len(number) == LENGTH
        and number.isascii()
        and number.isdigit()
        and number[0] != "0"
        and check_digit(number) == "0"
    )


def draw(random: Random) -> str:
    """A number at random; it never begins with a zero, which people leave out."""
    digits = str(random.randrange(10 ** (LENGTH - 2), 10 ** (LENGTH - 1)))
    return digits + check_digit(digits)


def format_number(number: str) -> str:
    """The number for the eye: ``1234-5678``."""
    return f"{number[:4]}-{number[4:]}"


def spoken(number: str, language: str) -> str:
    """The number for the ear: digit by digit, a longer pause in the middle.

    Chinese (``zh``, ``zh-CN``) says 幺 for one, as is usual on the telephone; other languages get figures.
    """
    halves = (number[:4], number[4:])
    if language.lower().split("-")[0] == "zh":
        return "，".join("、".join(_SPOKEN_ZH[int(digit)] for digit in half) for half in halves)
    return ". ".join(", ".join(half) for half in halves)


def parse(text: str) -> str | None:
    """The number in what somebody keyed, typed or said; None where it is none, or has a mistake in it.

    Takes spaces, dashes and other marks, digits of any script and width, and spoken digits in
    English and Chinese. Other words around the number are passed over as long as they hold no digit.
    """
    digits: list[str] = []
    times = 1
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()):
        if token in _TIMES:
            times = _TIMES[token]
            continue
        digit = str(unicodedata.digit(token)) if token.isdecimal() else _WORDS.get(token)
        if digit is not None:
            digits.append(digit * times)
        times = 1
    number = "".join(digits)
    return number if is_valid(number) else None
