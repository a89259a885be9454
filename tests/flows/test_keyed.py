"""What is keyed on a telephone: parts between stars, and dates without separators."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.expressions import Template

SHANGHAI_MORNING = datetime(2026, 3, 1, 22, tzinfo=UTC)  # 2 March there


def render(source: str, now: datetime = SHANGHAI_MORNING, **names: object) -> str:
    faults: list[str] = []
    known = {"now": now, "company": {"timezone": "Asia/Shanghai"}, "language": "zh", **names}
    text = Template(source).render(known, faults)
    assert faults == []
    return text


@pytest.mark.parametrize(
    ("keyed", "day", "ahead"),
    [
        ("0302", "2026-03-02", "0"),
        ("0303", "2026-03-03", "1"),
        ("0301", "2027-03-01", "364"),
        ("20260301", "2026-03-01", "-1"),
        ("20200101", "2020-01-01", "-1"),
        ("20260401", "2026-04-01", "30"),
        ("0229", "2028-02-29", "729"),
        ("0230", "", "-1"),
        ("1301", "", "-1"),
        ("0000", "", "-1"),
        ("20260231", "", "-1"),
        ("00000101", "", "-1"),
        ("302", "", "-1"),
        ("", "", "-1"),
        ("03-2", "", "-1"),
        ("٠٣٠٢", "", "-1"),
    ],
)
def test_keyed_days(keyed: str, day: str, ahead: str) -> None:
    assert render("{{ keyed | day }}", keyed=keyed) == day
    assert render("{{ keyed | days_ahead }}", keyed=keyed) == ahead


def test_today_is_the_company_s_and_not_utc_s() -> None:
    assert render("{{ '0301' | days_ahead }}", company={}) == "0"
    assert render("{{ '0301' | days_ahead }}", company={"timezone": "Nowhere/Land"}) == "0"


def test_parts_between_stars() -> None:
    assert render("{{ ('010*021*0305' | split('*'))[1] }}") == "021"
    assert render("{{ '010' | split('*') | length }}") == "1"
    assert render("{{ long | split('*') | length }}", long="*" * 500) == "20"


@given(st.dates(date(2026, 3, 2), date(2030, 12, 31)))
def test_a_full_date_reads_as_itself(day: date) -> None:
    assert render("{{ keyed | day }}", keyed=day.strftime("%Y%m%d")) == day.isoformat()


@given(st.integers(0, 364))
def test_a_day_without_a_year_is_the_next_one(ahead: int) -> None:
    day = date(2026, 3, 2) + timedelta(days=ahead)
    assert render("{{ keyed | days_ahead }}", keyed=day.strftime("%m%d")) == str(ahead)
