"""How words are cut for the search in the log: pure, and the same for what was said and for what is asked.

Text is brought to one form (NFKC, small letters). Letters and digits between anything else are a word.
Chinese has no spaces, so that a run of its characters is kept as each character and each pair of
neighbours; a search for a run asks for all its pairs. PostgreSQL and SQLite both keep the terms made
here, so that both find the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

import msgspec

LONGEST: Final = 64
"""Characters of a word that count; the rest of a longer one is left out, here and in what is asked."""

SHORTEST_PREFIX: Final = 2
"""The last word asked for also finds words that begin with it, from so many characters on."""

MOST_BYTES: Final = 400_000
"""Of one contact's different words: PostgreSQL's tsvector holds 1 MB. What is said beyond it is not found."""

_CHARACTERS: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_PIECE: Final = re.compile(rf"(?P<run>[{_CHARACTERS}]+)|(?:(?![{_CHARACTERS}])[^\W_])+")
_QUOTE: Final = re.compile(r'["“”„«»「」]')


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for, cut: ``terms`` that must all be there, ``phrases`` that must stand in what was said
    as they are (see `Said.lines`), and the ``prefix`` of a word ('' = none)."""

    terms: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()
    prefix: str = ""


class Said(msgspec.Struct, frozen=True):
    """All that was said in a contact, cut: ``terms``, and ``lines`` of single words in their order, each with
    a space on both sides."""

    terms: frozenset[str] = frozenset()
    lines: str = ""


def _form(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())


def _cut(text: str) -> tuple[list[str], list[str]]:
    """The words and single characters in their order, and the pairs of neighbouring characters."""
    singles: list[str] = []
    pairs: list[str] = []
    for found in _PIECE.finditer(_form(text)):
        run = found["run"]
        if run is None:
            singles.append(found[0][:LONGEST])
        else:
            singles += run
            pairs += [run[at : at + 2] for at in range(len(run) - 1)]
    return singles, pairs


def cut(texts: Iterable[str]) -> Said:
    """What was said, as the index keeps it. Texts that are there twice count once."""
    terms: set[str] = set()
    lines: list[str] = []
    left = MOST_BYTES
    for text in dict.fromkeys(texts):
        singles, pairs = _cut(text[:MOST_BYTES])
        new = set(singles).union(pairs) - terms
        left -= sum(len(term.encode()) + 1 for term in new)
        if left < 0:
            break
        if singles:
            terms |= new
            lines.append(_line(singles))
    return Said(frozenset(terms), "\n".join(lines))


def _line(singles: Iterable[str]) -> str:
    return f" {' '.join(singles)} "


def asked(text: str) -> Wanted:
    """What somebody types to search: words that must all hold, "phrases" in quotation marks; the last word,
    outside of quotation marks, also stands for those that begin with it. Nothing is wanted where there is no
    letter or digit in it."""
    parts = _QUOTE.split(text)
    terms: set[str] = set()
    phrases: list[str] = []
    prefix = ""
    for number, part in enumerate(parts):
        singles, pairs = _cut(part)
        closed = number % 2 == 1 and number < len(parts) - 1
        if closed and len(singles) > 1:
            phrases.append(_line(singles))
        elif not closed and number == len(parts) - 1 and singles and _may_go_on(singles[-1]):
            prefix = singles.pop()
        # Each character stands in one of its run's pairs, unless it is alone.
        paired = set("".join(pairs))
        terms |= {single for single in singles if single not in paired} | set(pairs)
    return Wanted(frozenset(terms), tuple(phrases), prefix)


def _may_go_on(word: str) -> bool:
    """Whether the word may be the beginning of another: no Chinese character, and long enough."""
    return SHORTEST_PREFIX <= len(word) < LONGEST and not _PIECE.fullmatch(word)["run"]  # type: ignore[index]


def holds(said: Said, wanted: Wanted) -> bool:
    """Whether what is wanted was said: the definition that the databases' indexes are held to."""
    return (
        wanted.terms <= said.terms
        and all(phrase in said.lines for phrase in wanted.phrases)
        and (not wanted.prefix or any(term.startswith(wanted.prefix) for term in said.terms))
    )


# --- facts ----------------------------------------------------------------------------------------------


def fact(kind: str, value: str) -> str:
    """The term for a fact of a contact: ``kind`` is one small letter (see `crm_store.contact_words.FACTS`).
    No word begins with ``_``. Hashed: values hold anything, and the databases cut terms in their own ways."""
    return f"_{kind}{blake2b(value.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


def times(at: datetime) -> tuple[str, str, str]:
    """The terms for the hour, the day and the month of an instant, in UTC."""
    at = at.astimezone(UTC)
    return f"_h{at:%Y%m%d%H}", f"_d{at:%Y%m%d}", f"_m{at:%Y%m}"


def span(start: datetime, end: datetime) -> tuple[str, ...]:
    """The fewest of `times` that together hold every instant from ``start`` to before ``end``, and more; none
    for more than some three years: they would be too many to be of help."""
    level = _level(start, end)
    if end - start > timedelta(days=1150):
        return ()
    step = (timedelta(hours=1), timedelta(days=1), timedelta(days=28))[level]
    found: dict[str, None] = {}
    at = start
    while at < end:
        found[times(at)[level]] = None
        at += step
    found[times(end - timedelta(microseconds=1))[level]] = None
    return tuple(found)


def beginning(start: datetime, end: datetime) -> datetime:
    """From when on `span` holds everything: the beginning of the hour, day or month of ``start``."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    return (hour, hour.replace(hour=0), hour.replace(day=1, hour=0))[_level(start, end)]


def _level(start: datetime, end: datetime) -> int:
    """With which of `times` a time of that length is asked for."""
    length = end - start
    return 0 if length < timedelta(hours=38) else 1 if length < timedelta(days=38) else 2
