"""Dates in Chinese: 5月11号, 下周三, 三天后, 大后天."""

from __future__ import annotations

import re

from bot.embedded.recognisers import calendar_days as days
from bot.embedded.recognisers.dates_numeric import ValueOf
from bot.embedded.recognisers.reading import Reading

_NEAR = {
    "今天": 0, "今日": 0, "今晚": 0, "今早": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1,
    "后天": 2, "大后天": 3, "昨天": -1, "昨日": -1, "昨晚": -1, "前天": -2, "前晚": -2, "大前天": -3,
}  # fmt: skip
_WEEKDAYS = {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "日": 6, "天": 6}
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2, "": 0}
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}

_WEEK = r"(?P<step>上上|下下|[上这本下])(?:个|一)?"
_YEAR = r"(?:(?P<y>(?:20)?[0-9]{2}|去年|今年|明年|前年) ?年?的?)?"
_MONTH = "(?P<m>[0-9]{1,2}) ?月"
_NOT_A_DAY = r"(?![0-9楼线店库门房桌客柜馆机院室公单订工以])"


def _year(said: str | None, reading: Reading) -> int | None:
    """The year that a date names; 26年 is 2026, and 去年 needs a today."""
    if said is None:
        return None
    if said.isdigit():
        return int(said) + (2000 if len(said) == 2 else 0)
    return reading.today.year + _YEARS[said] if reading.today else None


def _month_day(match: re.Match[str], reading: Reading) -> str | None:
    year = _year(match["y"], reading)
    return days.day_of_year(int(match["m"]), int(match["d"]), reading.today, year)


def _month(match: re.Match[str], reading: Reading) -> str | None:
    if match["part"]:
        return days.SAID
    return days.month_of_year(int(match["m"]), reading.today, _year(match["y"], reading))


def _near(match: re.Match[str], reading: Reading) -> str | None:
    return days.in_days(_NEAR[match["date"]], reading.today)


def _weekday(match: re.Match[str], reading: Reading) -> str | None:
    """周三 alone may be past or to come."""
    if not match["step"]:
        return days.SAID
    return days.weekday_in_week(_WEEKDAYS[match["w"]], _WEEKS[match["step"]], reading.today)


def _week_or_month(match: re.Match[str], reading: Reading) -> str | None:
    step = _WEEKS[match["step"]]
    return (days.in_months if match["u"] == "月" else days.in_weeks)(step, reading.today)


def _relative_month_day(match: re.Match[str], reading: Reading) -> str | None:
    return days.day_in_month(_WEEKS[match["step"]], int(match["d"]), reading.today)


def _counted(match: re.Match[str], reading: Reading) -> str | None:
    """3天后, 两个星期前."""
    count = int(match["n"]) * (-1 if match["way"][-1] == "前" else 1)
    unit = match["u"]
    if unit == "月":
        return days.in_months(count, reading.today)
    if unit == "年":
        return days.in_years(count, reading.today)
    return days.in_days(count * (1 if unit in "天日" else 7), reading.today)


def _relative_year(match: re.Match[str], reading: Reading) -> str | None:
    return days.in_years(_YEARS[match["date"]], reading.today)


def _day_alone(match: re.Match[str], reading: Reading) -> str | None:
    return days.SAID if 1 <= int(match["d"]) <= 31 else None


def _said(match: re.Match[str], reading: Reading) -> str | None:
    return days.SAID


_FORMS: tuple[tuple[str, ValueOf], ...] = (
    (rf"(?<![0-9])(?P<date>{_YEAR}{_MONTH} ?(?P<d>[0-9]{{1,2}}) ?(?:日|号|(?![0-9个])))", _month_day),
    (rf"(?<![0-9])(?P<date>{_YEAR}{_MONTH}份?(?P<part>初|中旬?|底|末|上旬|下旬)?)(?! ?[0-9])", _month),
    (rf"(?P<date>{'|'.join(sorted(_NEAR, key=len, reverse=True))})", _near),
    (rf"(?P<date>(?:{_WEEK})?(?:周|星期|礼拜)(?P<w>[1-6日天]))(?![0-9])", _weekday),
    (rf"(?P<date>{_WEEK}(?P<u>周|星期|礼拜|月))(?![0-9末日天份])", _week_or_month),
    (rf"(?P<date>{_WEEK}月份? ?的?(?P<d>[0-9]{{1,2}}) ?[日号])", _relative_month_day),
    (r"(?<![0-9])(?P<date>(?P<n>[0-9]{1,4}) ?个?(?P<u>天|日|周|星期|礼拜|月|年)(?P<way>[之以]?[前后]))",
     _counted),
    (r"(?P<date>去年|今年|明年|前年|后年)", _relative_year),
    (rf"(?<![0-9a-z第单月号大小])(?P<date>(?P<d>[0-9]{{1,2}}) ?号){_NOT_A_DAY}", _day_alone),
    (rf"(?P<date>(?:(?:{_WEEK})?周末)|[前这过][几2]天|半个?月[前后]|[月年][初底末]|国庆|春节|双十一)", _said),
)  # fmt: skip
CHINESE: tuple[tuple[re.Pattern[str], ValueOf], ...] = tuple(
    (re.compile(pattern), value_of) for pattern, value_of in _FORMS
)
