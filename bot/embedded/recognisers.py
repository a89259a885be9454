"""Entities that follow rules of the world rather than of one company: phone, e-mail, date, amount.

A project that declares an entity of one of these names gets its recogniser. Every pattern is free of
nested repetition, so that hostile text costs no more than friendly text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers

Found = tuple[int, int, str]
"""Start, end and value of an entity in the text."""

_REGIONS = (None, "CN")
"""Numbers with "+" from anywhere; without it, Chinese ones, whose form is unmistakable."""

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}(?![A-Za-z])")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_DATE = re.compile(
    r"(?<![0-9])(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4})(?![0-9])"
    rf"|(?<![A-Za-z0-9])[0-9]{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?: [0-9]{{4}})?(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z]){_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?(?:,? [0-9]{{4}})?(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z])(?:(?:next|last|this) )?{_WEEKDAY}(?![A-Za-z])"
    r"|(?<![A-Za-z])(?:today|tomorrow|yesterday|the day before yesterday)(?![A-Za-z])"
    r"|(?:[0-9]{4}年)?[0-9一二三四五六七八九十]{1,3}月[0-9一二三四五六七八九十]{1,3}[日号]"
    r"|(?:[下上本这]个?)?(?:星期|周|礼拜)[一二三四五六日天]"
    r"|今天|昨天|明天|前天|后天",
    re.IGNORECASE,
)

_CURRENCIES = {
    "$": "USD", "dollar": "USD", "dollars": "USD", "usd": "USD", "bucks": "USD", "美元": "USD",
    "€": "EUR", "euro": "EUR", "euros": "EUR", "eur": "EUR", "欧元": "EUR",
    "£": "GBP", "pound": "GBP", "pounds": "GBP", "gbp": "GBP", "英镑": "GBP",
    "¥": "CNY", "yuan": "CNY", "rmb": "CNY", "cny": "CNY", "元": "CNY", "块": "CNY",
    "块钱": "CNY", "人民币": "CNY",
}  # fmt: skip
_NUMBER = r"[0-9]{1,9}(?:[.,][0-9]{1,3}){0,2}"
_AMOUNT = re.compile(
    rf"(?P<sign>[$€£¥]) ?(?P<after>{_NUMBER})"
    rf"|(?<![0-9A-Za-z])(?P<before>{_NUMBER}) ?"
    r"(?P<unit>[$€£¥]|(?:dollars?|usd|bucks|euros?|eur|pounds?|gbp|yuan|rmb|cny)(?![A-Za-z])"
    r"|美元|欧元|英镑|块钱|块|元|人民币)",
    re.IGNORECASE,
)


def find_phones(text: str) -> Iterator[Found]:
    """Telephone numbers, as E.164."""
    if sum(character.isdigit() for character in text) < 7:
        return
    for region in _REGIONS:
        for match in phonenumbers.PhoneNumberMatcher(text, region, max_tries=20):
            number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            yield match.start, match.end, number


def find_emails(text: str) -> Iterator[Found]:
    """E-mail addresses, in lower case."""
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        yield match.start(), match.end(), match.group().lower()


def find_dates(text: str) -> Iterator[Found]:
    """Dates as they were said: the bot has no clock, so "tomorrow" stays a word."""
    for match in _DATE.finditer(text):
        yield match.start(), match.end(), match.group()


def find_amounts(text: str) -> Iterator[Found]:
    """Sums of money, as number and ISO 4217 code: "25.50 EUR"."""
    for match in _AMOUNT.finditer(text):
        unit = _CURRENCIES[(match["sign"] or match["unit"]).lower()]
        yield match.start(), match.end(), f"{_plain(match['after'] or match['before'])} {unit}"


def _plain(number: str) -> str:
    """ "1,234.50", "1.234,50" and "25,5" as Python writes them."""
    last = max(number.rfind("."), number.rfind(","))
    if last < 0 or len(number) - last - 1 == 3:
        return number.replace(".", "").replace(",", "")
    return number[:last].replace(".", "").replace(",", "") + "." + number[last + 1 :]


RECOGNISERS: dict[str, Callable[[str], Iterator[Found]]] = {
    "phone": find_phones,
    "email": find_emails,
    "date": find_dates,
    "amount": find_amounts,
}
