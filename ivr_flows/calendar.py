"""Business calendars: when a place is open, and what is left of its working hours.

Wall-clock shifts are turned into concrete UTC intervals day by day, so daylight saving, split
shifts and shifts that pass midnight need no special case anywhere else. Pure: the time is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

Shifts = tuple[tuple[str, str], ...]
"""Shifts of one day as ("HH:MM", "HH:MM") of local wall-clock time, in order."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_Minutes = tuple[tuple[int, int], ...]
_Interval = tuple[datetime, datetime]
_DAY_MINUTES = 24 * 60
_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_SEARCH_DAYS = 3660
"""How far ahead an opening is looked for, so that a calendar that never opens still ends."""
_OPEN_FOR_EVER = timedelta(days=400)


class CalendarError(ValueError):
    """A calendar, or a question to one, that makes no sense; names calendar, field and remedy."""


class BusinessCalendar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Opening hours of one place in its own time zone.

    A shift belongs to the day it begins on and may pass midnight (``["22:00", "06:00"]``);
    ``"24:00"`` is the end of the day. ``special`` gives a date hours of its own (none = closed)
    and goes before ``holidays`` (date to name) and before the public holidays of ``country``
    (ISO 3166 code, as the `holidays` package knows it). On days on which the clocks change, a
    shift begins at the first and ends at the last moment at which the clock shows its times;
    a time that the clock leaps over is the moment of the leap.
    """

    name: str
    timezone: str = "UTC"
    weekly: dict[str, Shifts] = {}
    holidays: dict[str, str] = {}
    special: dict[str, Shifts] = {}
    country: str = ""

    def __post_init__(self) -> None:
        """Find every mistake now and not in the first call on a holiday."""
        _ = (self._zone, self._week, self._special_days, self._own_holidays)
        _ = self._public_holidays

    def state(self, at: datetime) -> str:
        """``open``, ``holiday`` (closed for one) or ``closed`` at this instant."""
        if self.is_open(at):
            return "open"
        return "holiday" if self.holiday_name(at) else "closed"

    def is_open(self, at: datetime) -> bool:
        """Whether a shift is on; the instant at which it ends is already closed."""
        instant = self._instant(at)
        today = self._local_date(instant)
        return any(
            start <= instant < end
            for day in (today - _ONE_DAY, today)
            for start, end in self._intervals_of(day)
        )

    def holiday_name(self, at: datetime) -> str:
        """The name of the holiday on the local date of ``at``; '' on any other day."""
        return self._holiday_on(self._local_date(self._instant(at)))

    def next_open(self, at: datetime) -> datetime:
        """The first open instant at or after ``at`` (``at`` itself while open), in UTC.

        Raises `CalendarError` for a calendar that does not open again.
        """
        instant = self._instant(at)
        for start, _ in self._intervals_from(instant):
            return max(start, instant)
        raise self._never_opens(instant)

    def next_close(self, at: datetime) -> datetime | None:
        """When the present shift ends, or, while closed, the next one, in UTC.

        Shifts that touch count as one. None where it then stays open for more than 400 days.
        Raises `CalendarError` for a calendar that does not open again.
        """
        instant = self._instant(at)
        opened = closing = instant
        for start, end in self._intervals_from(instant):
            if closing == instant:
                opened = max(start, instant)
            elif start > closing:
                break
            closing = end
            if closing - opened > _OPEN_FOR_EVER:
                return None
        if closing == instant:
            raise self._never_opens(instant)
        return closing

    def add_working_time(self, at: datetime, seconds: float) -> datetime:
        """The instant at which ``seconds`` of open time have passed since ``at``, in UTC.

        Time that runs out exactly with a shift ends there and not at the next opening; adding
        nothing leaves ``at`` as it is. Raises `CalendarError` for a negative time and for a
        calendar that does not stay open long enough.
        """
        instant = self._instant(at)
        left = timedelta(seconds=seconds)
        if left < timedelta(0):
            raise CalendarError(
                f"calendar {self.name}: working time cannot be taken away; add 0 seconds or more"
            )
        if not left:
            return instant
        for start, end in self._intervals_from(instant):
            begin = max(start, instant)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise self._never_opens(instant)

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """Open seconds between two instants; 0 where ``end`` is not after ``start``."""
        first, last = self._instant(start), self._instant(end)
        total = timedelta(0)
        if first < last:
            for opens, closes in self._intervals_from(first):
                if opens >= last:
                    break
                total += min(closes, last) - max(opens, first)
        return total.total_seconds()

    @cached_property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError) as error:
            raise CalendarError(
                f"calendar {self.name}, timezone: {self.timezone!r} is not a time zone; "
                "give an IANA name such as Asia/Shanghai"
            ) from error

    @cached_property
    def _week(self) -> tuple[_Minutes, ...]:
        for day in self.weekly:
            if day not in WEEKDAYS:
                raise CalendarError(
                    f"calendar {self.name}, weekly: {day!r} is not a day of the week; "
                    f"use {', '.join(WEEKDAYS)}"
                )
        where = f"calendar {self.name}, weekly"
        return tuple(_minutes(f"{where}.{day}", self.weekly.get(day, ())) for day in WEEKDAYS)

    @cached_property
    def _special_days(self) -> dict[date, _Minutes]:
        where = f"calendar {self.name}, special"
        return {_date(where, day): _minutes(f"{where}.{day}", shifts) for day, shifts in self.special.items()}

    @cached_property
    def _own_holidays(self) -> dict[date, str]:
        where = f"calendar {self.name}, holidays"
        return {_date(where, day): name or "holiday" for day, name in self.holidays.items()}

    @cached_property
    def _public_holidays(self) -> Mapping[date, str]:
        if not self.country:
            return {}
        try:
            return _country_holidays(self.country)
        except NotImplementedError as error:
            raise CalendarError(
                f"calendar {self.name}, country: no public holidays are known for "
                f"{self.country!r}; give an ISO 3166 code such as CN, or leave it out and list "
                "the dates under holidays"
            ) from error

    def _holiday_on(self, day: date) -> str:
        if day in self._special_days:
            return ""
        if day in self._own_holidays:
            return self._own_holidays[day]
        return self._public_holidays.get(day) or ""

    def _instant(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise CalendarError(f"calendar {self.name}: the time has no zone; give an aware one")
        return at.astimezone(UTC)

    def _local_date(self, instant: datetime) -> date:
        return instant.astimezone(self._zone).date()

    def _intervals_of(self, day: date) -> Iterator[_Interval]:
        shifts = self._special_days.get(day)
        if shifts is None:
            shifts = self._week[day.weekday()]
            if shifts and self._holiday_on(day):
                return
        midnight = datetime.combine(day, time())
        for opens, closes in shifts:
            start = self._moment(midnight + timedelta(minutes=opens), fold=0)
            end = self._moment(midnight + timedelta(minutes=closes), fold=1)
            if start < end:
                yield start, end

    def _intervals_from(self, instant: datetime) -> Iterator[_Interval]:
        """Disjoint open intervals that end after ``instant``, in order; ends with the openings."""
        day = self._local_date(instant) - _ONE_DAY
        last = instant
        waited = 0
        while waited <= _SEARCH_DAYS and day.year < date.max.year:
            waited += 1
            for start, end in self._intervals_of(day):
                if end > last:
                    yield (start if last == instant else max(start, last)), end
                    last = end
                    waited = 0
            day += _ONE_DAY

    def _moment(self, wall: datetime, fold: int) -> datetime:
        """The instant at which the clock of the zone shows ``wall``, or leaps over it."""
        local = wall.replace(tzinfo=self._zone, fold=fold)
        moment = local.astimezone(UTC)
        if moment.astimezone(self._zone).replace(tzinfo=None) == wall:
            return moment
        before = local.replace(fold=1).astimezone(UTC)
        after = local.replace(fold=0).astimezone(UTC)
        offset = before.astimezone(self._zone).utcoffset()
        while after - before > _ONE_SECOND:
            middle = before + (after - before) // 2
            if middle.astimezone(self._zone).utcoffset() == offset:
                before = middle
            else:
                after = middle
        return after.replace(microsecond=0)

    def _never_opens(self, instant: datetime) -> CalendarError:
        return CalendarError(
            f"calendar {self.name}: it does not open (any more) after {instant:%Y-%m-%d}; "
            "give it shifts under weekly, or a later date under special"
        )


def read_calendar(name: str, data: Mapping[str, Any]) -> BusinessCalendar:
    """A calendar from what YAML or JSON holds; dates may be strings or YAML dates.

    Raises `CalendarError` naming calendar and field, also for times that YAML has taken for
    numbers because they stand without quotes (13:30 is 810 there).
    """
    plain = {
        field: {_day_text(day): value for day, value in content.items()}
        if field in ("holidays", "special") and isinstance(content, Mapping)
        else content
        for field, content in data.items()
    }
    for field in ("weekly", "special"):
        content = plain.get(field)
        for day, shifts in content.items() if isinstance(content, Mapping) else ():
            if any(isinstance(clock, int) for clock in _flat(shifts)):
                raise CalendarError(
                    f"calendar {name}, {field}.{day}: a time is a number; "
                    'write it in quotes, as in ["09:00", "17:30"]'
                )
    try:
        return msgspec.convert({**plain, "name": name}, BusinessCalendar)
    except msgspec.ValidationError as error:
        text = str(error)
        known = text.startswith("calendar ")
        raise CalendarError(text if known else f"calendar {name}: {text}") from error


@lru_cache(maxsize=64)
def _country_holidays(country: str) -> Mapping[date, str]:
    # Imported here: most installations list their own dates and need not pay for it.
    from holidays import country_holidays

    return country_holidays(country)


def _day_text(day: object) -> object:
    return day.isoformat() if isinstance(day, date) else day


def _flat(shifts: object) -> Iterable[object]:
    if isinstance(shifts, list | tuple):
        for shift in shifts:
            yield from _flat(shift)
    else:
        yield shifts


def _date(where: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CalendarError(f"{where}: {text!r} is not a date; write it as in 2026-10-01") from error


def _minutes(where: str, shifts: Shifts) -> _Minutes:
    """Shifts in order as minutes since midnight; an end on the next day counts on past 1440."""
    result = tuple(_shift(where, opens, closes) for opens, closes in shifts)
    for (_, earlier), (later, _) in pairwise(result):
        if later < earlier:
            raise CalendarError(
                f"{where}: the shifts overlap or are out of order; list them from early to late"
            )
    return result


def _shift(where: str, opens: str, closes: str) -> tuple[int, int]:
    start, end = _clock(where, opens), _clock(where, closes)
    if start in (end, _DAY_MINUTES):
        raise CalendarError(
            f'{where}: a shift from {opens} to {closes} is empty; write ["00:00", "24:00"] for the whole day'
        )
    return start, end if end > start else end + _DAY_MINUTES


def _clock(where: str, text: str) -> int:
    if not _CLOCK.fullmatch(text):
        raise CalendarError(f"{where}: {text!r} is not a time of day; write it as in 09:00")
    return int(text[:2]) * 60 + int(text[3:])


_WHOLE_DAY: Shifts = (("00:00", "24:00"),)
ALWAYS_OPEN = BusinessCalendar(name="always", weekly=dict.fromkeys(WEEKDAYS, _WHOLE_DAY))
"""Open at every instant: the calendar of places that never close."""
