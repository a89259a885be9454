"""Dates: ISO 8601 where that can be told, else as they were said.

Nothing is guessed. 5/11 may be in May or in November, and stays as it is; so does a bare "Friday",
which may be past or to come. What is relative ("in three days", 下周三) is reckoned from ``today``
where the caller passes it, to a day, a week ("2026-W48"), a month or a year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.embedded.recognisers.dates_chinese import CHINESE
from bot.embedded.recognisers.dates_english import ENGLISH, HINTS
from bot.embedded.recognisers.dates_numeric import NUMERIC, ValueOf
from bot.embedded.recognisers.reading import Reading

_HAN_HINTS = frozenset("年月日号周星拜天昨今明晚早")


def find_dates(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Dates of a message."""
    folded = reading.amounts
    low = folded.text
    forms: list[tuple[re.Pattern[str], ValueOf]] = []
    if any("0" <= one <= "9" for one in low):
        forms += NUMERIC
    if not reading.words.isdisjoint(HINTS):
        forms += ENGLISH
    if not low.isascii() and not _HAN_HINTS.isdisjoint(low):
        forms += CHINESE
    for pattern, value_of in forms:
        for match in pattern.finditer(low):
            value = value_of(match, reading)
            if value is None:
                continue
            start, end = folded.span(*match.span("date"))
            yield start, end, value or reading.text[start:end]
