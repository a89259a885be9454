"""Dates in English words: "May 5th", "next Tuesday", "in three days", "two weeks ago"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.embedded.recognisers import calendar_days as days
from bot.embedded.recognisers.dates_numeric import ValueOf
from bot.embedded.recognisers.numerals import ORDINALS
from bot.embedded.recognisers.reading import Reading

MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb febuary", "march mar", "april apr", "may", "june jun", "july jul",
         "august aug", "september sept sep", "october oct", "november nov", "december dec"), 1)
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday", "tuesday tues", "wednesday wensday wednsday wendsday", "thursday thurs thrusday",
         "friday", "saturday satuday", "sunday"))
    for name in names.split()
}  # fmt: skip
_NEAR = {
    "today": 0, "tonight": 0, "tomorrow": 1, "tommorow": 1, "tomorow": 1, "tommorrow": 1, "tmrw": 1,
    "yesterday": -1, "yesturday": -1, "yesteday": -1,
    "day after tomorrow": 2, "day before yesterday": -2,
}  # fmt: skip
_STEPS = {"last": -1, "past": -1, "previous": -1, "this": 0, "next": 1, "coming": 1, "following": 1}

_HINT_WORDS = (
    "ago later now time day days week weeks month months year years weekend back earlier fortnight night"
    " morning afternoon evening st nd rd th"
)
HINTS = frozenset([*MONTHS, *_WEEKDAYS, *_NEAR, *ORDINALS, *_HINT_WORDS.split()])
"""Without one of these words there is no such date."""


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


_MONTH = f"(?P<m>{_any(MONTHS)})"
_WEEKDAY = f"(?P<w>{_any(_WEEKDAYS)})"
_STEP = f"(?P<step>{_any(_STEPS)})"
_DAY = "(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = "(?:,? (?:of )?(?P<y>(?:19|20)[0-9]{2}))?"
_BEGIN = "(?<![0-9a-z])"
_END = "(?![0-9a-z])"
_IN = "(?<![a-z])(?:in|since|of|until|till|by|before|after|from|early|late|mid|through|end of) "


def _day_month(match: re.Match[str], reading: Reading) -> str | None:
    year = int(match["y"]) if match["y"] else None
    return days.day_of_year(MONTHS[match["m"]], int(match["d"]), reading.today, year)


def _month_day(match: re.Match[str], reading: Reading) -> str | None:
    """ "may 5" may be a verb and a count: it needs an ordinal, a year, or a word like "on" before."""
    doubtful = match["m"] in ("may", "march") and match.start() > 0
    sure = not doubtful or match["on"] or match["th"] or match["y"]
    return _day_month(match, reading) if sure else None


def _month_year(match: re.Match[str], reading: Reading) -> str | None:
    return days.month_of_year(MONTHS[match["m"]], None, int(match["y"]))


def _month(match: re.Match[str], reading: Reading) -> str | None:
    return days.month_of_year(MONTHS[match["m"]], reading.today)


def _near(match: re.Match[str], reading: Reading) -> str | None:
    return days.in_days(_NEAR[match["date"]], reading.today)


def _stepped(match: re.Match[str], reading: Reading) -> str | None:
    """ "next week", "last Friday", "this month"."""
    step, unit = _STEPS[match["step"]], match["u"]
    if unit in _WEEKDAYS:
        return _stepped_weekday(match["step"], _WEEKDAYS[unit], reading)
    if unit in MONTHS:
        return days.SAID
    if unit == "week":
        return days.in_weeks(step, reading.today)
    if unit == "month":
        return days.in_months(step, reading.today)
    return days.in_years(step, reading.today) if unit == "year" else days.SAID


def _stepped_weekday(step: str, weekday: int, reading: Reading) -> str:
    """ "last Friday" and "this coming Friday" are the nearest ones; "next Friday" is next week's."""
    if reading.today is None or step in ("this", "next", "following"):
        return days.weekday_in_week(weekday, _STEPS[step], reading.today)
    ahead = (weekday - reading.today.weekday()) % 7 or 7
    behind = (reading.today.weekday() - weekday) % 7 or 7
    return days.in_days(ahead if _STEPS[step] > 0 else -behind, reading.today)


def _weekday(match: re.Match[str], reading: Reading) -> str | None:
    if match["then"] is None:
        return days.SAID
    return days.weekday_in_week(_WEEKDAYS[match["w"]], _STEPS[match["then"]], reading.today)


def _counted(match: re.Match[str], reading: Reading) -> str | None:
    """ "in 3 days", "2 weeks ago", "a month from now"."""
    sign = -1 if match["way"] in _BACK else 1
    number = match["n"]
    if not (number.isdigit() or number in ("a", "an", "one")) or match["work"]:
        return days.SAID
    count = sign * (int(number) if number.isdigit() else 1)
    unit = match["u"]
    if unit == "day":
        return days.in_days(count, reading.today)
    if unit in ("week", "fortnight"):
        return days.in_days(count * (7 if unit == "week" else 14), reading.today)
    return (days.in_months if unit == "month" else days.in_years)(count, reading.today)


def _day_of_near_month(match: re.Match[str], reading: Reading) -> str | None:
    """ "the 5th of next month"."""
    return days.day_in_month(_STEPS[match["step"]], int(match["d"]), reading.today)


def _day_alone(match: re.Match[str], reading: Reading) -> str | None:
    """ "on the 5th"."""
    return days.SAID if 1 <= int(match["d"]) <= 31 else None


def _said(match: re.Match[str], reading: Reading) -> str | None:
    return days.SAID


_UNITS_AND_DAYS = ("week", "month", "year", "weekend", *_WEEKDAYS, *MONTHS)
_COUNT = r"(?P<n>[0-9]{1,4}|an?|a few|a couple of|a couple|several)"
_BACK = ("ago", "back", "earlier", "before today")
_WAYS = _any([*_BACK, "from now", "from today", "later"])
_UNITS = r"(?P<work>working |business |work )?(?P<u>day|week|fortnight|month|year)s?"
_FORMS: tuple[tuple[str, ValueOf], ...] = (
    (rf"{_BEGIN}(?P<date>{_DAY} (?:of )?{_MONTH}{_YEAR}){_END}", _day_month),
    (rf"{_BEGIN}(?P<on>(?:on|of|since|from|by|until|for|before|after|to|dated?|is|was|the|in) )?+"
     rf"(?P<date>{_MONTH}\.? (?:the )?(?P<d>[0-9]{{1,2}})(?P<th>st|nd|rd|th)?{_YEAR})(?![0-9a-z]|[:/][0-9])",
     _month_day),
    (rf"{_BEGIN}(?P<date>{_MONTH},? (?:of )?(?P<y>(?:19|20)[0-9]{{2}})){_END}", _month_year),
    (rf"{_IN}(?P<date>{_MONTH})(?![0-9a-z]|,? [0-9]|\.? (?:the )?[0-9])", _month),
    (rf"{_BEGIN}(?P<date>{_any(_NEAR)}){_END}", _near),
    (rf"{_BEGIN}(?P<date>{_STEP} (?:coming )?(?P<u>{_any(_UNITS_AND_DAYS)})){_END}", _stepped),
    (rf"{_BEGIN}(?P<date>{_WEEKDAY}(?: (?:of )?(?P<then>last|next|this) week)?){_END}", _weekday),
    (rf"(?<![a-z])(?P<date>in {_COUNT} {_UNITS}(?:'s?)?(?P<way> time)?){_END}", _counted),
    (rf"{_BEGIN}(?P<date>{_COUNT} {_UNITS} (?P<way>{_WAYS})){_END}",
     _counted),
    (rf"{_BEGIN}the (?P<date>(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th) of (?P<step>last|this|next) month){_END}",
     _day_of_near_month),
    (r"(?<![a-z])(?:on|by|since|until|before|after|from) the (?P<date>(?P<d>[0-9]{1,2})(?:st|nd|rd|th))"
     r"(?![0-9a-z]| (?!and |at |but |please|in |or |i |it |is |was |my |the |for |with )[a-z])", _day_alone),
    (rf"{_BEGIN}(?P<date>week (?:after next|before last)|the other day|last night|(?<=the )weekend"
     rf"|this (?:morning|afternoon|evening)|the end of the (?:week|month)){_END}", _said),
)  # fmt: skip
ENGLISH: tuple[tuple[re.Pattern[str], ValueOf], ...] = tuple(
    (re.compile(pattern), value_of) for pattern, value_of in _FORMS
)
