"""Telephone numbers, as E.164.

The digits are looked for in the text with said and scattered digits joined, and phonenumbers (the port
of Google's libphonenumber) decides whether they are a number that exists. Its own matcher does the same
over raw text, ten times slower, and knows nothing of said digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.embedded.recognisers.cues import cue
from bot.embedded.recognisers.reading import Reading

_DIGITS = re.compile(r"(?<![0-9a-z@.+-])(?P<plus>\+|00)?(?P<number>[0-9]{7,15})(?![0-9a-z@])", re.IGNORECASE)
_MOST = 8


def find_phones(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Telephone numbers of a message; at most eight runs of digits are looked at."""
    folded = reading.ids[-1]
    for count, match in enumerate(_DIGITS.finditer(folded.text)):
        if count >= _MOST:
            return
        start, end = folded.span(*match.span())
        announced = "phone" in reading.expected or cue(reading.level, start, end) == "phone"
        number = _international(match) or _national(match, reading.region, announced=announced)
        if number:
            yield start, end, number


def _international(match: re.Match[str]) -> str | None:
    """A number with "+" cannot be anything else, so it only has to be a possible one: those kept free
    for films and examples are; "00" may also begin an order's number."""
    number = _parse(f"+{match['number']}", None) if match["plus"] else None
    if number is None:
        return None
    possible = match["plus"] == "+" and phonenumbers.is_possible_number(number)
    return _e164(number) if possible or phonenumbers.is_valid_number(number) else None


def _national(match: re.Match[str], region: str, *, announced: bool) -> str | None:
    """The number, if it exists. A line in a town without its leading zero looks like any number, and
    counts only where a telephone number is announced."""
    number = None if match["plus"] else _parse(match["number"], region)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    if announced or match["number"][0] == "0":
        return _e164(number)
    return None if phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE else _e164(number)


def _parse(digits: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
