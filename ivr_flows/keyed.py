"""Filters for what people key on a telephone: parts between stars, and dates without separators."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

_MOST_PARTS: Final = 20
_LEAP_SEARCH_YEARS: Final = 9


def split(value: Any, separator: str = "*") -> list[str]:
    """The parts of a keyed text, at most twenty: ``'010*021*0305' | split('*')``."""
    return str(value).split(str(separator) or "*", _MOST_PARTS)[:_MOST_PARTS]


@pass_context
def day(context: Context, value: Any) -> str:
    """A keyed ``MMDD`` or ``YYYYMMDD`` as ``YYYY-MM-DD``; '' where there is no such day.

    Without a year it is the next such day, today included, in the company's time zone.
    """
    found = _keyed_day(str(value), _today(context))
    return found.isoformat() if found else ""


@pass_context
def days_ahead(context: Context, value: Any) -> int:
    """Days from today to a keyed day, 0 for today; -1 where it is past or there is no such day."""
    today = _today(context)
    found = _keyed_day(str(value), today)
    return max((found - today).days, -1) if found else -1


def _today(context: Context) -> date:
    now = context.resolve("now")
    company = context.resolve("company")
    name = company.get("timezone", "") if isinstance(company, dict) else ""
    if not isinstance(now, datetime):
        raise TypeError("a template that reads a keyed day needs `now`")
    return now.astimezone(_zone(str(name))).date()


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):
        return UTC


def _keyed_day(text: str, today: date) -> date | None:
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) == 8:
        return _real(int(text[:4]), int(text[4:6]), int(text[6:]))
    if len(text) != 4:
        return None
    years = range(today.year, today.year + _LEAP_SEARCH_YEARS)
    days = (_real(year, int(text[:2]), int(text[2:])) for year in years)
    return next((found for found in days if found and found >= today), None)


def _real(year: int, month: int, day_of_month: int) -> date | None:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


FILTERS: Final[dict[str, Any]] = {"split": split, "day": day, "days_ahead": days_ahead}
