"""Business calendars: from the store's rows to the ones that flows and due times are reckoned with."""

from __future__ import annotations

from crm_store.calendars import Calendar
from ivr_flows.calendar import BusinessCalendar, read_calendar


def business_calendar(row: Calendar) -> BusinessCalendar:
    """The calendar in a row. Raises `ivr_flows.calendar.CalendarError` for hours that cannot be."""
    fields = ("timezone", "weekly", "holidays", "special", "country")
    return read_calendar(row.name, {name: getattr(row, name) for name in fields})
