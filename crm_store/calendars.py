"""Business calendars as rows; `ivr_flows.calendar`, which takes the same fields, says what they mean."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.rows import check_columns, insert, reader

Shifts = tuple[tuple[str, str], ...]
"""Shifts of one day as ("HH:MM", "HH:MM") of local time."""

_c = schema.calendars.c


class CalendarSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Opening hours: ``weekly`` by day (mon ... sun), ``holidays`` date to name (closed), ``special``
    date to hours of its own; ``country`` (ISO 3166) adds its public holidays."""

    timezone: str
    weekly: dict[str, Shifts] = {}
    holidays: dict[str, str] = {}
    special: dict[str, Shifts] = {}
    country: str = ""


class Calendar(CalendarSettings, frozen=True, kw_only=True):
    """A row of `calendars`."""

    id: str
    name: str


_read = reader(Calendar)
_ALL = sa.select(schema.calendars)


def put(
    connection: Connection, name: str, settings: CalendarSettings, *, at: datetime, ids: Ids, actor: str
) -> Calendar:
    """Add a calendar, or change the one of that name. Raises `Refused` for a zone that is not one; the
    hours are for the caller to check (`ivr_flows.calendar.read_calendar`)."""
    try:
        ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise Refused(
            f"calendar {name}: {settings.timezone!r} is not a time zone; give one such as Asia/Shanghai"
        ) from error
    values = msgspec.structs.asdict(settings)
    before = find(connection, name)
    if before is None:
        row = {**values, "id": ids.new("cal"), "name": name}
        insert(connection, schema.calendars, row)
        audit.write(connection, "calendar.created", row["id"], {"name": name}, at=at, ids=ids, actor=actor)
        return get(connection, name)
    check_columns(schema.calendars, values)
    connection.execute(schema.calendars.update().where(_c.id == before.id).values(values))
    data = {
        field: {"from": getattr(before, field), "to": value}
        for field, value in values.items()
        if value != getattr(before, field)
    }
    if data:
        audit.write(connection, "calendar.updated", before.id, data, at=at, ids=ids, actor=actor)
    return get(connection, name)


def find(connection: Connection, name: str) -> Calendar | None:
    """The calendar of this name, if there is one."""
    row = connection.execute(_ALL.where(_c.name == name)).first()
    return None if row is None else _read(row)


def get(connection: Connection, name: str) -> Calendar:
    """The calendar of this name. Raises `NotFound`."""
    calendar = find(connection, name)
    if calendar is None:
        raise NotFound(f"there is no calendar {name!r}; `contact-center calendars list` shows them")
    return calendar


def list_calendars(connection: Connection) -> list[Calendar]:
    """All calendars by name."""
    return [_read(row) for row in connection.execute(_ALL.order_by(_c.name))]
