"""Queues: where contacts wait for an agent, with their opening hours, limits and targets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.rows import change, insert, reader

_q = schema.queues.c


class ServiceLevel(msgspec.Struct, frozen=True):
    """``target`` (0 to 1) of contacts are to be answered within ``seconds``."""

    target: float = 0.8
    seconds: int = 20


class QueueSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue is set up with.

    ``title``: its name in each language. ``calendar``: the name of its opening hours. ``max_wait`` in
    seconds. ``skills``: the level of each that an agent must have. ``routing``: how its work finds an
    agent, as plain values; the application says what they mean and checks them first
    (`contact_center.routing.policy`).
    """

    title: dict[str, str] = {}
    calendar: str = "always"
    max_length: int = 1000
    max_wait: int = 1800
    service_level: ServiceLevel = ServiceLevel()
    skills: dict[str, int] = {}
    routing: dict[str, Any] = {}


class Queue(QueueSettings, frozen=True, kw_only=True):
    """A row of `queues`."""

    id: str
    name: str
    version: int

    def title_in(self, language: str) -> str:
        """The queue's title in a language (``zh-CN`` also finds ``zh``), else in English, else its name."""
        primary = language.partition("-")[0]
        return self.title.get(language) or self.title.get(primary) or self.title.get("en") or self.name


_read = reader(Queue)
_ALL = sa.select(schema.queues)
_BY_NAME = _ALL.where(_q.name == sa.bindparam("name"))


def put(
    connection: Connection, name: str, settings: QueueSettings, *, at: datetime, ids: Ids, actor: str
) -> Queue:
    """Set up a queue, or change the one of that name. Raises `Refused` for a value that cannot be, and
    `Conflict` where somebody else changed it at the same time."""
    _check(connection, name, settings)
    before = find(connection, name)
    values = msgspec.structs.asdict(settings)
    if before is None:
        row = {**values, "id": ids.new("que"), "name": name, "version": 0}
        insert(connection, schema.queues, row)
        audit.write(connection, "queue.created", row["id"], {"name": name}, at=at, ids=ids, actor=actor)
        return get(connection, name)
    changed = {
        field: {"from": getattr(before, field), "to": value}
        for field, value in values.items()
        if value != getattr(before, field)
    }
    if not changed:
        return before
    change(connection, schema.queues, before.id, before.version, values)
    audit.write(connection, "queue.updated", before.id, changed, at=at, ids=ids, actor=actor)
    return get(connection, name)


def find(connection: Connection, name: str) -> Queue | None:
    """The queue of this name, if there is one."""
    row = connection.execute(_BY_NAME, {"name": name}).first()
    return None if row is None else _read(row)


def get(connection: Connection, name: str) -> Queue:
    """The queue of this name. Raises `NotFound`."""
    queue = find(connection, name)
    if queue is None:
        raise NotFound(f"there is no queue {name!r}; `contact-center queues list` shows them")
    return queue


def list_queues(connection: Connection) -> list[Queue]:
    """All queues by name."""
    return [_read(row) for row in connection.execute(_ALL.order_by(_q.name))]


def count_waiting(connection: Connection) -> dict[str, int]:
    """How much work waits in each queue where any does."""
    works = schema.works.c
    counted = sa.select(works.queue, sa.func.count()).where(works.state == "waiting").group_by(works.queue)
    return {name: int(number) for name, number in connection.execute(counted)}


def _check(connection: Connection, name: str, settings: QueueSettings) -> None:
    if not name.strip():
        raise Refused("a queue needs a name")
    if settings.max_length < 1 or settings.max_wait < 1:
        raise Refused(f"queue {name}: max_length and max_wait must be 1 or more")
    if not 0 < settings.service_level.target <= 1 or settings.service_level.seconds < 0:
        raise Refused(
            f"queue {name}: service_level needs a target above 0 and up to 1, and seconds of 0 or more"
        )
    calendars = schema.calendars.c
    known = sa.select(calendars.id).where(calendars.name == settings.calendar)
    if settings.calendar != "always" and connection.execute(known).first() is None:
        raise Refused(
            f"queue {name}: there is no calendar {settings.calendar!r}; add it first, or use always"
        )
