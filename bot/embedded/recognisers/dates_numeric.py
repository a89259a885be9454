"""Dates of digits: 2026-03-12, 12.03.2026, 5/11."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.embedded.recognisers.calendar_days import SAID, day, day_of_year
from bot.embedded.recognisers.reading import Reading

ValueOf = Callable[[re.Match[str], Reading], str | None]

_YEAR_FIRST = re.compile(
    r"(?<![0-9./-])"
    r"(?P<date>(?P<y>(?:19|20)[0-9]{2}) ?[-/.年] ?(?P<m>[0-9]{1,2}) ?[-/.月] ?(?P<d>[0-9]{1,2})[日号]?)"
    r"(?![0-9])"
)
_YEAR_LAST = re.compile(
    r"(?<![0-9./-])(?P<date>(?P<a>[0-9]{1,2})(?P<s>[-/. ])(?P<b>[0-9]{1,2})(?P<t>[-/. ])"
    r"(?P<y>(?:19|20)[0-9]{2}|[0-9]{2}))(?![0-9]|[./-][0-9])"
)
_NO_YEAR = re.compile(
    r"(?P<cue>\A|(?<![a-z])(?:on|by|since|from|until|till|before|after|dated?|ordered|placed|bought|at|was|is"
    r"|of|for|the) |日期是?|在|于)(?P<date>(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2}))"
    r"(?![0-9/]|\.[0-9])(?P<rest>.?)"
)


def _year_first(match: re.Match[str], reading: Reading) -> str | None:
    return day(int(match["y"]), int(match["m"]), int(match["d"]))


def _year_last(match: re.Match[str], reading: Reading) -> str | None:
    """Day first with points, as all who write so do; else only where the order cannot be mistaken."""
    separator = match["s"]
    if separator != match["t"] or (len(match["y"]) == 2 and separator not in "./"):
        return None
    year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)
    a, b = int(match["a"]), int(match["b"])
    if separator == ".":
        return day(year, b, a)
    day_first, month_first = day(year, b, a), day(year, a, b)
    if day_first and month_first and day_first != month_first:
        return SAID
    return day_first or month_first


def _no_year(match: re.Match[str], reading: Reading) -> str | None:
    """5/11, told from a fraction by the words before, or by being all there is."""
    a, b = int(match["a"]), int(match["b"])
    if not match["cue"] and match["rest"] not in ("", ",", "."):
        return None
    if (a, b) == (24, 7) or (a == b - 1 and a < 4 and match["cue"] in ("the ", "of ", "for ")):
        return None
    day_first, month_first = (
        day_of_year(b, a, reading.today),
        day_of_year(a, b, reading.today),
    )
    if day_first is None:
        return month_first
    return day_first if month_first is None or a == b else SAID


NUMERIC: tuple[tuple[re.Pattern[str], ValueOf], ...] = (
    (_YEAR_FIRST, _year_first),
    (_YEAR_LAST, _year_last),
    (_NO_YEAR, _no_year),
    (re.compile(r"(?<![a-z])(?:in|since|of|from|year) (?P<date>20[0-4][0-9])(?![0-9a-z]|[-/.:,][0-9])"),
     lambda match, reading: match["date"]),
    (re.compile(r"(?<![0-9])(?P<date>(?P<y>20[0-4][0-9]) ?年)(?![0-9前后之以])"),
     lambda match, reading: match["y"]),
)  # fmt: skip
