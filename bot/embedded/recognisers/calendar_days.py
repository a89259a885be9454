"""Days, weeks, months and years as ISO 8601 writes them, reckoned from a day where one is known.

Every function gives None for a day that does not exist, and `SAID` where the answer needs a day that
nobody has told: the date then stays as it was said.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

SAID = ""
"""Stands for: as it was said."""

_FARTHEST = 36_500
_SOON_DAYS = 62


def day(year: int, month: int, number: int) -> str | None:
    """ "2026-03-12"."""
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        return None


def day_of_year(month: int, number: int, today: date | None, year: int | None = None) -> str | None:
    """A day without a year: in the given year, else the last such day, or the next one where it is at
    most two months ahead: customers speak of what they bought, and of deliveries soon to come."""
    if not 1 <= month <= 12 or not 1 <= number <= monthrange(2024, month)[1]:
        return None
    if year is not None:
        return day(year, month, number)
    if today is None:
        return SAID
    for offset in (1, 0, -1):
        found = day(today.year + offset, month, number) if 1 <= today.year + offset <= 9999 else None
        if found and (date.fromisoformat(found) - today).days <= _SOON_DAYS:
            return found
    return SAID


def month_of_year(month: int, today: date | None, year: int | None = None) -> str | None:
    """ "2026-03": in the given year, else the last such month, this one or the next."""
    if not 1 <= month <= 12:
        return None
    if year is not None:
        return f"{year:04}-{month:02}"
    if today is None:
        return SAID
    ahead = (month - today.month) % 12
    return in_months(ahead if ahead <= 1 else ahead - 12, today)


def in_days(days: int, today: date | None) -> str:
    """A day that many days from today (negative = ago)."""
    if today is None or abs(days) > _FARTHEST:
        return SAID
    try:
        return (today + timedelta(days=days)).isoformat()
    except OverflowError:
        return SAID


def in_weeks(weeks: int, today: date | None) -> str:
    """The week that many weeks from this one: "2026-W48"."""
    monday = in_days(weeks * 7, today)
    if not monday:
        return SAID
    year, week, _ = date.fromisoformat(monday).isocalendar()
    return f"{year:04}-W{week:02}"


def in_months(months: int, today: date | None) -> str:
    """The month that many months from this one: "2026-12"."""
    if today is None or abs(months) > _FARTHEST // 30:
        return SAID
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return f"{year:04}-{month + 1:02}" if 1 <= year <= 9999 else SAID


def in_years(years: int, today: date | None) -> str:
    """The year that many years from this one."""
    if today is None or not 1 <= today.year + years <= 9999:
        return SAID
    return f"{today.year + years:04}"


def day_in_month(months: int, number: int, today: date | None) -> str | None:
    """A day of this month, of the next (1), of the last (-1)."""
    month = in_months(months, today)
    if not month:
        return SAID if 1 <= number <= 31 else None
    return day(int(month[:4]), int(month[5:]), number)


def weekday_in_week(weekday: int, weeks: int, today: date | None) -> str:
    """A day of the week (Monday is 0) in this week (0), the next (1), the last (-1).

    Weeks begin on Monday: "next Tuesday" is the Tuesday of next week, as 下周二 is.
    """
    return SAID if today is None else in_days(weekday - today.weekday() + 7 * weeks, today)
