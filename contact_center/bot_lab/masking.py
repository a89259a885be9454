"""Takes out of a customer's words what tells who said them, so that they can be kept to learn from.

In its place stands a mark such as " <phone> ", as the classifier puts one in place of an entity. When in
doubt it is masked: a sentence to learn from loses little by it. Sums of money stay, because they tell
nobody and a bill is asked about by them. A street or a name that the customer's record does not know
cannot be recognised and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from bot.embedded.spoken_digits import fold
from bot.embedded.text import HAN, clean

FEW_DIGITS: Final = 3
"""So many digits in a row tell nobody: a quantity, an age, "24/7". More are masked."""

_MOST_OF_A_SUM: Final = 7

_LINK = re.compile(r"(?:https?://|www\.)[^\s\u3000-\u303f\u4e00-\u9fff]{1,2000}", re.IGNORECASE)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}")
_SPOKEN_EMAIL = re.compile(
    r"(?<![a-z0-9])[a-z0-9_-]{1,40}(?: dot [a-z0-9_-]{1,40}){0,3} at [a-z0-9-]{1,40}"
    r"(?: dot [a-z0-9-]{1,40}){0,2} dot (?:com|net|org|cn|co|info|uk|de|edu|io)(?![a-z0-9])",
    re.IGNORECASE,
)
_MONEY = r"\d{1,7}(?:[.,]\d{1,3}){0,2}"
_SUM = re.compile(
    rf"[$€£¥] ?{_MONEY}(?![\d.,-]*\d)"
    rf"|(?<![\dA-Za-z.,+-]){_MONEY} ?"
    r"(?:[$€£¥]|(?:dollars?|usd|bucks|euros?|eur|pounds?|gbp|yuan|rmb|cny)(?![A-Za-z])"
    r"|美元|欧元|英镑|块钱|块|元|人民币)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2}(?!\d)[日号]?"
    r"|(?<!\d)\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d(?!\d)"
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DIGITS = re.compile(r"[+(]{0,2}\d(?:[\s().,/_-]{0,3}\d)*")
_INTRODUCED = re.compile(
    r"(?<![a-z])(?:my (?:full |first |last )?name(?: is|'s|’s)|my surname is|i am called) ", re.IGNORECASE
)
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.? ?")
_NO_NAME: Final = frozenset(
    {
        "and", "i", "my", "the", "is", "a", "an", "on", "in", "from", "with", "but", "please", "can", "could",
        "what", "where", "when", "it", "you", "about", "not",
    }
)  # fmt: skip
_INTRODUCED_ZH = re.compile(f"(?:我叫|我的?名字[是叫]|我姓)([{HAN}]{{1,4}}?)(?=[^{HAN}]|我|想|要|的|你|请|$)")


class Span(NamedTuple):
    """text[start:end] becomes ``mark``."""

    start: int
    end: int
    mark: str

    def meets(self, start: int, end: int) -> bool:
        """Whether it has a character of text[start:end]."""
        return self.start < end and start < self.end


def masked(text: str, names: Iterable[str] = ()) -> str:
    """``text``, cleaned, with marks for addresses, numbers and ``names`` (of the customer, whole or in
    parts). What has been masked stays as it is when it is masked again."""
    text = clean(text)
    for find in (_links, _addresses, _numbers):
        text = _put(text, find(text))
    text = _put(text, _names(text, names))
    return _put(text, _introductions(text))


def says_something(text: str) -> bool:
    """Whether a masked text holds a letter beside its marks."""
    return any(one.isalpha() for one in re.sub(r"<[a-z_]+>", "", text))


def _put(text: str, spans: Iterable[Span]) -> str:
    """The spans' marks in their places; of those that overlap, the first that came gives its mark to all."""
    taken: list[Span] = []
    for one in spans:
        together = [other for other in taken if other.meets(one.start, one.end)]
        taken = [other for other in taken if other not in together]
        start = min(each.start for each in (one, *together))
        end = max(each.end for each in (one, *together))
        taken.append(Span(start, end, (*together, one)[0].mark))
    pieces: list[str] = []
    position = 0
    for one in sorted(taken):
        pieces += [text[position : one.start], f" <{one.mark}> "]
        position = one.end
    return " ".join("".join([*pieces, text[position:]]).split())


def _links(text: str) -> Iterator[Span]:
    yield from (Span(*match.span(), "link") for match in _LINK.finditer(text))


def _addresses(text: str) -> Iterator[Span]:
    for pattern in (_EMAIL, _SPOKEN_EMAIL):
        yield from (Span(*match.span(), "email") for match in pattern.finditer(text))


def _numbers(text: str) -> Iterator[Span]:
    """Dates, codes with letters, and all other digits, spelt out or not; but for sums of money."""
    sums = [match.span() for match in _SUM.finditer(text) if _count(match.group()) <= _MOST_OF_A_SUM]
    for one in _numbers_and_sums(text):
        if not any(one.start >= start and one.end <= end for start, end in sums):
            yield one


def _numbers_and_sums(text: str) -> Iterator[Span]:
    folded = fold(text)
    for match in _DATE.finditer(folded.text):
        yield Span(*folded.span(*match.span()), "date")
    for match in _CODE.finditer(text):
        token = match.group()
        if _count(token) > FEW_DIGITS and any(one.isalpha() for one in token):
            yield Span(*match.span(), "order_number")
    for match in _DIGITS.finditer(folded.text):
        if _count(match.group()) > FEW_DIGITS:
            yield Span(*folded.span(*match.span()), _kind(match.group()))


def _count(text: str) -> int:
    return sum(one.isdigit() for one in text)


def _kind(number: str) -> str:
    """What a number looks like; the engine's tickets have eight digits (crm_store/ticket_numbers.py)."""
    digits = _count(number)
    if number.startswith(("+", "(", "00")) or 9 <= digits <= 13:
        return "phone"
    return "ticket_number" if digits == 8 else "number"


def _names(text: str, names: Iterable[str]) -> Iterator[Span]:
    """The customer's names, the longest first."""
    wanted: set[str] = set()
    for name in names:
        wanted.update(_forms(clean(name)))
    for form in sorted(wanted, key=lambda one: (-len(one), one)):
        left = "(?<![A-Za-z])" if form[0].isascii() else ""
        right = "(?![A-Za-z])" if form[-1].isascii() else ""
        pattern = re.compile(f"{left}{re.escape(form)}{right}", re.IGNORECASE)
        yield from (Span(*match.span(), "name") for match in pattern.finditer(text))


def _forms(name: str) -> Iterator[str]:
    """A name as it may be said: whole, by its words, a Chinese one without the family's or with a title."""
    if len(name) > 1:
        yield name
    for word in re.findall(rf"[{HAN}]+|[^\W\d_{HAN}]+", name):
        if len(word) > 1:
            yield word
        if re.match(f"[{HAN}]", word):
            if len(word) > 2:
                yield word[1:]
            yield from (f"{word[0]}{title}" for title in ("先生", "女士", "小姐", "太太", "老师", "总"))


def _introductions(text: str) -> Iterator[Span]:
    """Who says their name has it masked, whether or not it is on record: up to three words."""
    for match in _INTRODUCED.finditer(text):
        end = match.end()
        for _ in range(3):
            word = _NAME_WORD.match(text, end)
            if word is None or word.group().strip(" .").lower() in _NO_NAME:
                break
            end = word.end()
        if end > match.end():
            yield Span(match.end(), end, "name")
    for match in _INTRODUCED_ZH.finditer(text):
        yield Span(*match.span(1), "name")
