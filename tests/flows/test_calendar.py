"""Business calendars, also against a slower way to tell the same: reading the clock each minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.calendar import (
    ALWAYS_OPEN,
    WEEKDAYS,
    BusinessCalendar,
    CalendarError,
    read_calendar,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = BusinessCalendar(
    name="office",
    timezone="Asia/Shanghai",
    weekly=dict.fromkeys(WEEKDAYS[:5], (("09:00", "12:00"), ("13:30", "18:00"))),
    holidays={"2026-10-01": "National Day"},
    special={"2026-12-24": (("09:00", "12:00"),), "2026-10-10": (("10:00", "11:00"),)},
)
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # the clocks change by half an hour
    "America/Sao_Paulo",  # once changed at midnight
    "Asia/Kathmandu",
]


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("when", "state"),
    [
        ("2026-03-02T08:59:59", "closed"),
        ("2026-03-02T09:00:00", "open"),
        ("2026-03-02T11:59:59", "open"),
        ("2026-03-02T12:00:00", "closed"),
        ("2026-03-02T13:30:00", "open"),
        ("2026-03-02T18:00:00", "closed"),
        ("2026-03-07T10:00:00", "closed"),
        ("2026-10-01T10:00:00", "holiday"),
        ("2026-10-01T00:00:00", "holiday"),
        ("2026-10-10T10:30:00", "open"),
        ("2026-10-10T11:30:00", "closed"),
        ("2026-12-24T13:30:00", "closed"),
    ],
)
def test_state_of_a_split_week(when: str, state: str) -> None:
    assert OFFICE.state(at(when)) == state
    assert OFFICE.is_open(at(when)) == (state == "open")


def test_next_open_and_close_pass_the_weekend_and_the_holiday() -> None:
    assert OFFICE.next_open(at("2026-03-06T18:00")) == at("2026-03-09T09:00")
    assert OFFICE.next_open(at("2026-09-30T20:00")) == at("2026-10-02T09:00")
    assert OFFICE.next_open(at("2026-03-02T10:00")) == at("2026-03-02T10:00")
    assert OFFICE.next_close(at("2026-03-02T10:00")) == at("2026-03-02T12:00")
    assert OFFICE.next_close(at("2026-03-02T12:00")) == at("2026-03-02T18:00")


def test_working_time_ends_with_the_shift_and_goes_on_with_the_next() -> None:
    friday = at("2026-03-06T17:00")
    assert OFFICE.add_working_time(friday, 3600) == at("2026-03-06T18:00")
    assert OFFICE.add_working_time(friday, 3601) == at("2026-03-09T09:00:01")
    assert OFFICE.add_working_time(friday, 24 * 3600) == at("2026-03-12T09:30")
    assert OFFICE.working_seconds(friday, at("2026-03-12T09:30")) == 24 * 3600
    assert OFFICE.working_seconds(at("2026-03-12T09:30"), friday) == 0


def test_a_shift_passes_midnight_and_belongs_to_the_day_it_begins_on() -> None:
    night = BusinessCalendar(
        name="night",
        timezone="Asia/Shanghai",
        weekly={"fri": (("22:00", "06:00"),)},
        holidays={"2026-03-07": "a holiday that begins during the shift"},
    )
    assert night.is_open(at("2026-03-07T05:59"))
    assert night.state(at("2026-03-07T06:00")) == "holiday"
    assert not night.is_open(at("2026-03-06T05:00"))
    assert night.next_close(at("2026-03-06T23:00")) == at("2026-03-07T06:00")


def test_shifts_that_touch_at_midnight_are_one() -> None:
    late = BusinessCalendar(name="late", weekly={"mon": (("20:00", "24:00"),), "tue": (("00:00", "02:00"),)})
    assert late.next_close(datetime(2026, 3, 2, 21, tzinfo=UTC)) == datetime(2026, 3, 3, 2, tzinfo=UTC)


def test_always_open_never_closes_and_counts_every_second() -> None:
    now = datetime(2026, 3, 2, 3, 4, 5, 678, tzinfo=UTC)
    assert ALWAYS_OPEN.state(now) == "open"
    assert ALWAYS_OPEN.next_close(now) is None
    assert ALWAYS_OPEN.add_working_time(now, 90_000.5) == now + timedelta(seconds=90_000.5)


@pytest.mark.parametrize(
    ("zone", "day", "shift", "seconds"),
    [
        ("Europe/Berlin", "2026-03-29", ("00:00", "24:00"), 23 * 3600),
        ("Europe/Berlin", "2026-10-25", ("00:00", "24:00"), 25 * 3600),
        ("America/New_York", "2026-03-08", ("01:00", "04:00"), 2 * 3600),
        ("America/New_York", "2026-03-08", ("02:30", "04:00"), 3600),
        ("America/New_York", "2026-03-08", ("01:00", "02:30"), 3600),
        ("America/New_York", "2026-11-01", ("00:00", "01:30"), 2.5 * 3600),
        ("America/New_York", "2026-11-01", ("01:30", "03:00"), 2.5 * 3600),
        ("Australia/Lord_Howe", "2026-10-04", ("01:00", "05:00"), 3.5 * 3600),
        ("America/Sao_Paulo", "2018-11-04", ("00:00", "06:00"), 5 * 3600),
        ("Pacific/Apia", "2011-12-30", ("00:00", "24:00"), 0),
        ("Asia/Shanghai", "2026-03-29", ("00:00", "24:00"), 24 * 3600),
    ],
)
def test_days_on_which_the_clocks_change(zone: str, day: str, shift: tuple[str, str], seconds: float) -> None:
    calendar = BusinessCalendar(name="dst", timezone=zone, special={day: (shift,)})
    noon = datetime.fromisoformat(f"{day}T12:00+00:00")
    two_days = timedelta(days=2)
    assert calendar.working_seconds(noon - two_days, noon + two_days) == seconds


@pytest.mark.parametrize("special", [{}, {"2026-03-01": (("09:00", "12:00"),)}])
def test_a_calendar_that_never_opens_says_so(special: dict[str, Any]) -> None:
    never = BusinessCalendar(name="never", special=special)
    for ask in (never.next_open, never.next_close, lambda t: never.add_working_time(t, 1)):
        with pytest.raises(CalendarError, match=r"calendar never: it does not open .* weekly"):
            ask(datetime(2026, 3, 2, tzinfo=UTC))


def test_an_opening_far_ahead_is_found() -> None:
    far = BusinessCalendar(name="far", special={"2033-01-01": (("09:00", "12:00"),)})
    assert far.next_open(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2033, 1, 1, 9, tzinfo=UTC)


def test_public_holidays_of_a_country() -> None:
    china = BusinessCalendar(
        name="cn",
        timezone="Asia/Shanghai",
        weekly=dict.fromkeys(WEEKDAYS, (("09:00", "18:00"),)),
        country="CN",
        special={"2026-10-03": (("10:00", "12:00"),)},
    )
    assert china.state(at("2026-10-01T10:00")) == "holiday"
    assert china.holiday_name(at("2026-10-01T10:00"))
    assert china.state(at("2026-10-03T11:00")) == "open"
    assert china.state(at("2026-11-02T10:00")) == "open"


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"weekly": {"monday": []}}, "weekly"),
        ({"weekly": {"mon": [["9:00", "12:00"]]}}, "weekly.mon"),
        ({"weekly": {"mon": [["09:00", "24:30"]]}}, "weekly.mon"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "weekly.mon"),
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "weekly.mon"),
        ({"weekly": {"mon": [["22:00", "06:00"], ["23:00", "23:30"]]}}, "weekly.mon"),
        ({"weekly": {"mon": [["09:00", 1050]]}}, "weekly.mon"),
        ({"weekly": {"mon": ["09:00"]}}, "weekly"),
        ({"special": {"2026-02-30": []}}, "special"),
        ({"holidays": {"1 October": "National Day"}}, "holidays"),
        ({"country": "XX"}, "country"),
        ({"weekdays": {}}, "weekdays"),
    ],
)
def test_mistakes_name_calendar_and_field(fields: dict[str, Any], where: str) -> None:
    with pytest.raises(CalendarError, match=rf"calendar odd.*{where}"):
        read_calendar("odd", fields)


def test_reading_takes_yaml_dates_and_survives_json() -> None:
    calendar = read_calendar(
        "office",
        {
            "timezone": "Asia/Shanghai",
            "weekly": {"mon": [["09:00", "12:00"]]},
            "holidays": {date(2026, 3, 2): "a day off"},
        },
    )
    assert calendar.state(at("2026-03-02T10:00")) == "holiday"
    again = msgspec.json.decode(msgspec.json.encode(calendar), type=BusinessCalendar)
    assert again == calendar


def test_a_time_without_zone_and_a_negative_time_are_refused() -> None:
    with pytest.raises(CalendarError, match="no zone"):
        OFFICE.is_open(datetime(2026, 3, 2, 10))  # noqa: DTZ001  the mistake under test
    with pytest.raises(CalendarError, match="0 seconds or more"):
        OFFICE.add_working_time(at("2026-03-02T10:00"), -1)


def _text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def shifts(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    marks = sorted(draw(st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True)))
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    result = tuple((_text(a * 30), _text(b * 30)) for a, b in pairs)
    if draw(st.booleans()) and pairs[-1][1] < 47 and pairs[0][0] > 0:
        # One more that passes midnight.
        result += ((_text(47 * 30), _text(draw(st.integers(0, 46)) * 30)),)
    return result


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True))
    return BusinessCalendar(
        name="drawn",
        timezone=draw(st.sampled_from(ZONES)),
        weekly={day: draw(shifts()) for day in days},
        holidays={"2026-03-29": "spring", "2026-10-26": "autumn"},
        special={"2026-11-01": draw(shifts()), "2026-10-04": ()},
    )


instants = st.one_of(
    st.integers(0, 365 * 86_400),
    # close to the changes of the clocks
    st.integers(85 * 86_400, 89 * 86_400),
    st.integers(295 * 86_400, 306 * 86_400),
).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
spans = st.integers(0, 14 * 86_400)


@given(calendars(), instants, instants, spans)
def test_adding_is_monotonic(
    calendar: BusinessCalendar, one: datetime, other: datetime, seconds: int
) -> None:
    early, late = sorted((one, other))
    assert calendar.add_working_time(early, seconds) <= calendar.add_working_time(late, seconds)
    assert calendar.add_working_time(one, seconds) < calendar.add_working_time(one, seconds + 1)


@given(calendars(), instants, spans, spans)
def test_adding_twice_is_adding_the_sum(
    calendar: BusinessCalendar, now: datetime, one: int, other: int
) -> None:
    assert calendar.add_working_time(now, one + other) == calendar.add_working_time(
        calendar.add_working_time(now, one), other
    )


@given(calendars(), instants, st.integers(1, 14 * 86_400))
def test_the_result_is_open_time_or_its_end_and_counts_back(
    calendar: BusinessCalendar, now: datetime, seconds: int
) -> None:
    due = calendar.add_working_time(now, seconds)
    assert calendar.is_open(due - timedelta(microseconds=1))
    assert calendar.working_seconds(now, due) == seconds


@given(calendars(), instants)
def test_next_open_and_next_close_meet_the_state(calendar: BusinessCalendar, now: datetime) -> None:
    opening = calendar.next_open(now)
    assert calendar.is_open(opening)
    assert opening >= now
    assert calendar.working_seconds(now, opening) == 0
    closing = calendar.next_close(now)
    if closing is not None:
        assert closing > opening
        assert not calendar.is_open(closing)
        open_time = calendar.working_seconds(opening, closing)
        assert open_time == (closing - opening).total_seconds()


def _minute_walk(calendar: BusinessCalendar, start: datetime, minutes: int) -> int:
    """Open minutes told from the wall clock alone, without any arithmetic on offsets."""
    zone = ZoneInfo(calendar.timezone)
    total = 0
    for index in range(minutes):
        local = (start + timedelta(minutes=index)).astimezone(zone)
        clock = f"{local:%H:%M}"
        yesterday = local.date() - timedelta(days=1)
        total += (
            any(a <= clock < b for a, b in _told(calendar, local.date()) if a < b)
            or any(clock < b for a, b in _told(calendar, yesterday) if a > b)
            or any(clock >= a for a, b in _told(calendar, local.date()) if a > b)
        )
    return total


def _told(calendar: BusinessCalendar, day: date) -> tuple[tuple[str, str], ...]:
    text = day.isoformat()
    if text in calendar.special:
        return calendar.special[text]
    return () if text in calendar.holidays else calendar.weekly.get(WEEKDAYS[day.weekday()], ())


@settings(max_examples=40)
@given(calendars(), st.integers(0, 340))
def test_the_same_as_looking_at_the_wall_clock_every_minute(calendar: BusinessCalendar, offset: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=offset)
    minutes = 2 * 24 * 60
    counted = calendar.working_seconds(start, start + timedelta(minutes=minutes))
    changes = {
        (start + timedelta(hours=hour)).astimezone(ZoneInfo(calendar.timezone)).utcoffset()
        for hour in range(49)
    }
    # Where the clocks change, a repeated hour is open for wall clocks in pieces: not compared.
    if len(changes) == 1:
        assert counted == _minute_walk(calendar, start, minutes) * 60
