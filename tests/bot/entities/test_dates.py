"""Dates as people write and say them, with and without a day to reckon from."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.entities import Extractor
from tests.bot.entities.conftest import TODAY, Find

CERTAIN = [
    ("2026-03-12", "2026-03-12"),
    ("on 2026/3/5", "2026-03-05"),
    ("2026.3.5", "2026-03-05"),
    ("ordered on 12.03.2026", "2026-03-12"),
    ("12.3.26", "2026-03-12"),
    ("13/05/2026", "2026-05-13"),
    ("05/13/2026", "2026-05-13"),
    ("5/5/2026", "2026-05-05"),
    ("on 12 March 2026", "2026-03-12"),
    ("12th of march 2026", "2026-03-12"),
    ("March 12, 2026", "2026-03-12"),
    ("march 12th 2026", "2026-03-12"),
    ("the twelfth of march twenty twenty six", "2026-03-12"),
    ("march twelfth two thousand twenty six", "2026-03-12"),
    ("on may fifth twenty twenty six", "2026-05-05"),
    ("3 May 2026", "2026-05-03"),
    ("march 2026", "2026-03"),
    ("in 2026", "2026"),
    ("２０２６－０３－１２", "2026-03-12"),
    ("2026年3月5日", "2026-03-05"),
    ("2026年3月5号买的", "2026-03-05"),
    ("二零二六年三月五号", "2026-03-05"),
    ("二〇二六年十一月三十日", "2026-11-30"),
    ("26年3月5号", "2026-03-05"),
    ("2026年3月", "2026-03"),
    ("2026年买的", "2026"),
]


@pytest.mark.parametrize(("text", "value"), CERTAIN)
def test_complete_dates_are_written_in_iso(text: str, value: str, find: Find) -> None:
    assert find(text) == [f"date {value}"]
    assert find(text, today=TODAY) == [f"date {value}"]


FROM_TODAY = [
    # said, found without today, found on Thursday 2026-11-26
    ("today", "today", "2026-11-26"),
    ("Tomorrow please", "Tomorrow", "2026-11-27"),
    ("tommorow", "tommorow", "2026-11-27"),
    ("yesterday", "yesterday", "2026-11-25"),
    ("the day after tomorrow", "day after tomorrow", "2026-11-28"),
    ("the day before yesterday", "day before yesterday", "2026-11-24"),
    ("next Tuesday", "next Tuesday", "2026-12-01"),
    ("this Tuesday", "this Tuesday", "2026-11-24"),
    ("last Friday", "last Friday", "2026-11-20"),
    ("last Thursday", "last Thursday", "2026-11-19"),
    ("this coming Friday", "this coming Friday", "2026-11-27"),
    ("Monday next week", "Monday next week", "2026-11-30"),
    ("last week", "last week", "2026-W47"),
    ("this week", "this week", "2026-W48"),
    ("next month", "next month", "2026-12"),
    ("last month", "last month", "2026-10"),
    ("last year", "last year", "2025"),
    ("in three days", "in three days", "2026-11-29"),
    ("in 3 days time", "in 3 days time", "2026-11-29"),
    ("two weeks ago", "two weeks ago", "2026-11-12"),
    ("a week ago", "a week ago", "2026-11-19"),
    ("ten days ago", "ten days ago", "2026-11-16"),
    ("5 days later", "5 days later", "2026-12-01"),
    ("three months ago", "three months ago", "2026-08"),
    ("a year ago", "a year ago", "2025"),
    ("May 5th", "May 5th", "2026-05-05"),
    ("on may fifth", "may fifth", "2026-05-05"),
    ("the fifth of may", "fifth of may", "2026-05-05"),
    ("the twenty third of december", "twenty third of december", "2026-12-23"),
    ("on march 3", "march 3", "2026-03-03"),
    ("12 March", "12 March", "2026-03-12"),
    ("2nd of June", "2nd of June", "2026-06-02"),
    ("since January", "January", "2026-01"),
    ("the 5th of next month", "5th of next month", "2026-12-05"),
    ("今天", "今天", "2026-11-26"),
    ("明天送来", "明天", "2026-11-27"),
    ("后天", "后天", "2026-11-28"),
    ("大后天", "大后天", "2026-11-29"),
    ("昨天的订单", "昨天", "2026-11-25"),
    ("前天", "前天", "2026-11-24"),
    ("大前天", "大前天", "2026-11-23"),
    ("下周三", "下周三", "2026-12-02"),
    ("下下周一", "下下周一", "2026-12-07"),
    ("这周日", "这周日", "2026-11-29"),
    ("上个星期五", "上个星期五", "2026-11-20"),
    ("本周六送", "本周六", "2026-11-28"),
    ("下礼拜天", "下礼拜天", "2026-12-06"),
    ("上个星期", "上个星期", "2026-W47"),
    ("这周", "这周", "2026-W48"),
    ("下周送", "下周", "2026-W49"),
    ("上个月", "上个月", "2026-10"),
    ("下个月5号", "下个月5号", "2026-12-05"),
    ("去年", "去年", "2025"),
    ("去年3月5号", "去年3月5号", "2025-03-05"),
    ("三天后", "三天后", "2026-11-29"),
    ("3天之前", "3天之前", "2026-11-23"),
    ("两个星期前", "两个星期前", "2026-11-12"),
    ("三个月前", "三个月前", "2026-08"),
    ("十天以后", "十天以后", "2026-12-06"),
    ("5月11号", "5月11号", "2026-05-11"),
    ("五月十一号", "五月十一号", "2026-05-11"),
    ("3月12日的订单", "3月12日", "2026-03-12"),
    ("十二月三十一日", "十二月三十一日", "2026-12-31"),
    ("3月份", "3月份", "2026-03"),
    ("後天", "後天", "2026-11-28"),
    ("下個禮拜三", "下個禮拜三", "2026-12-02"),
    ("我想 next Tuesday 收货", "next Tuesday", "2026-12-01"),
    ("please deliver 下周三", "下周三", "2026-12-02"),
]


@pytest.mark.parametrize(("text", "said", "day"), FROM_TODAY)
def test_relative_dates_become_days_where_today_is_known(text: str, said: str, day: str, find: Find) -> None:
    assert find(text) == [f"date {said}"]
    assert find(text, today=TODAY) == [f"date {day}"]


AMBIGUOUS = [
    ("5/11", "5/11"),
    ("on 5/11", "5/11"),
    ("5/11/2026", "5/11/2026"),
    ("ordered 5/11 and paid", "5/11"),
    ("on Friday", "Friday"),
    ("周三", "周三"),
    ("星期天开门吗", "星期天"),
    ("this weekend", "this weekend"),
    ("a few days ago", "a few days ago"),
    ("in 3 working days", "in 3 working days"),
    ("on the 5th", "5th"),
    ("11号下的单", "11号"),
    ("周末", "周末"),
    ("before the weekend", "weekend"),
    ("前几天买的", "前几天"),
    ("月底", "月底"),
]


@pytest.mark.parametrize(("text", "said"), AMBIGUOUS)
def test_what_is_not_certain_stays_as_it_was_said(text: str, said: str, find: Find) -> None:
    assert find(text) == find(text, today=TODAY) == [f"date {said}"]


def test_a_day_that_only_one_order_of_the_numbers_allows(find: Find) -> None:
    assert find("on 13/5") == ["date 13/5"]
    assert find("on 13/5", today=TODAY) == ["date 2026-05-13"]


NO_DATES = [
    "it may take 5 days",
    "may I ask something",
    "I may one day come back",
    "march on",
    "24/7",
    "open 24/7",
    "I'd give it 9/10",
    "1/2 of it",
    "2026-02-30",
    "32.13.2026",
    "2026-13-01",
    "13月5号",
    "2月31号",
    "for three days",
    "within two weeks",
    "wait a second",
    "the second order",
    "for the fifth time",
    "on the 5th floor",
    "等了三天",
    "三个月了",
    "5号楼",
    "第3号",
    "一千万",
    "sun and sat",
    "换小一号",
    "version 2026.1",
    "the month was long",
    "12:30",
]


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date(text: str, find: Find) -> None:
    assert not [one for one in find(text) if one.startswith("date")]


@given(st.dates(date(1950, 1, 1), date(2049, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y"]))
def test_any_written_day_is_that_day(extractor: Extractor, day: date, form: str) -> None:
    (found,) = extractor.extract(day.strftime(form))
    assert (found.entity, found.value) == ("date", day.isoformat())


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(2, 99), st.booleans())
def test_counted_days_are_counted(extractor: Extractor, today: date, count: int, ago: bool) -> None:
    texts = (f"{count} days ago", f"{count}天前") if ago else (f"in {count} days", f"{count}天后")
    for text in texts:
        (found,) = extractor.extract(text, today=today)
        assert found.value == (today + timedelta(days=-count if ago else count)).isoformat()


@given(st.dates())
def test_any_today_is_taken(extractor: Extractor, today: date) -> None:
    text = "tomorrow, yesterday, next week, last month, in 99 years, 去年3月5号, 下周三, 5月11号, last Friday"
    assert len(extractor.extract(text, today=today)) == 9
