"""What a wallboard shows: who waits now, and what became of a day's work, by queue and quarter of an hour.

Work counts in the step in which it came into line (``queued_at``), whatever becomes of it later: so
the steps of a day add up, and a step that is over changes only while its work is open. Tickets, which lie for
days, and consultations are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.sql import epoch

STEP: Final = timedelta(minutes=15)
KINDS: Final = ("call", "chat", "text", "callback")
"""The kinds of work that are counted."""

_w = schema.works.c


class Standing(msgspec.Struct, frozen=True):
    """A queue now: ``waiting``, and ``ringing`` at agents who have not answered yet; since when the first of
    all these waits."""

    waiting: int
    ringing: int
    since: datetime


class Counts(msgspec.Struct, frozen=True):
    """What became of work. ``offered``: came into line. ``answered``: an agent said yes, ``in_time`` within
    the queue's seconds; ``waited``: seconds of all of those together. ``abandoned``: the customer left."""

    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    waited: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.offered + other.offered,
            self.answered + other.answered,
            self.in_time + other.in_time,
            self.abandoned + other.abandoned,
            self.waited + other.waited,
        )

    @property
    def service_level(self) -> float | None:
        """The part that was answered in time, of all that were answered or given up; None where none was."""
        done = self.answered + self.abandoned
        return self.in_time / done if done else None

    @property
    def abandonment(self) -> float | None:
        """The part that was given up, of those that were answered or given up; None where none was."""
        done = self.answered + self.abandoned
        return self.abandoned / done if done else None

    @property
    def mean_wait(self) -> float | None:
        """Seconds until the answer, on average; None where nothing was answered."""
        return self.waited / self.answered if self.answered else None


def standing(connection: Connection) -> dict[str, Standing]:
    """How each queue stands in which anything waits."""
    waiting = sa.func.sum(sa.case((_w.state == "waiting", 1), else_=0))
    statement = (
        sa.select(_w.queue, waiting, sa.func.count(), sa.func.min(_w.queued_at))
        .where(_w.state.in_(("waiting", "offered")), _w.kind.in_(KINDS))
        .group_by(_w.queue)
    )
    return {
        queue: Standing(int(in_line), int(both) - int(in_line), since)
        for queue, in_line, both, since in connection.execute(statement)
    }


def counted(
    connection: Connection, start: datetime, end: datetime, seconds: Mapping[str, int]
) -> dict[tuple[str, int], Counts]:
    """What became of work that came into line from ``start`` to before ``end``, as it stood at ``end``: by
    queue and number of the `STEP` behind ``start``. ``seconds``: each queue's target, else 20."""
    came, answered = epoch(_w.queued_at), epoch(_w.accepted_at)
    step = sa.cast(
        sa.func.floor((came - start.timestamp() + 1e-4) / STEP.total_seconds()), sa.Integer
    )  # 1e-4: SQLite's clock is not finer
    target = (
        sa.case(*((_w.queue == queue, most) for queue, most in seconds.items()), else_=20) if seconds else 20
    )
    is_answered = sa.and_(_w.accepted_at.is_not(None), _w.accepted_at < end)
    is_abandoned = sa.and_(_w.outcome == "abandoned", _w.ended_at < end, ~is_answered)
    statement = (
        sa.select(
            _w.queue,
            step.label("step"),
            sa.func.count(),
            _number_of(is_answered),
            _number_of(sa.and_(is_answered, answered - came <= target + 1e-3)),
            _number_of(is_abandoned),
            sa.func.sum(sa.case((is_answered, answered - came), else_=0.0)),
        )
        .where(_w.queued_at >= start, _w.queued_at < end, _w.kind.in_(KINDS))
        .group_by(_w.queue, sa.text("step"))
    )
    return {
        (queue, int(number)): Counts(offered, answered, in_time, abandoned, float(waited))
        for queue, number, offered, answered, in_time, abandoned, waited in connection.execute(statement)
    }


def _number_of(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
