"""Recordings of contacts and their transcripts.

What a provider tells of one comes late, twice, and in any order; `upsert` ends in the same row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.errors import NotFound
from crm_store.ids import Ids
from crm_store.sql import insert_new
from crm_store.words import kept

STATUSES: Final = ("in_progress", "absent", "failed", "completed")
"""Each outranks those before it: a recording that can be listened to wins over every other report."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `recordings`; ``seconds`` is its length, ``purpose`` voicemail or conversation."""

    id: str
    contact_id: str
    provider_ref: str | None
    purpose: str
    url: str = ""
    status: str
    seconds: float = 0.0
    transcript: str = ""
    started_at: datetime
    completed_at: datetime | None = None


class RecordingReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of a recording of a contact; ``provider_ref`` is its own id (a RecordingSid).
    ``started_at``: None where it does not say."""

    contact_id: str
    provider_ref: str
    status: str = "in_progress"
    purpose: str = "voicemail"
    url: str = ""
    seconds: float = 0.0
    transcript: str = ""
    started_at: datetime | None = None


_r = schema.recordings.c
_ALL = sa.select(*schema.recordings.c)


def get(connection: Connection, recording_id: str) -> Recording:
    """The recording with this id. Raises `NotFound`."""
    row = connection.execute(_ALL.where(_r.id == recording_id)).first()
    if row is None:
        raise NotFound(f"there is no recording {recording_id}")
    return Recording(**row._mapping)


def get_by_provider_ref(connection: Connection, ref: str) -> Recording | None:
    """The recording with the provider's id, if there is one."""
    row = connection.execute(_ALL.where(_r.provider_ref == ref)).first()
    return None if row is None else Recording(**row._mapping)


def list_for_contact(connection: Connection, contact_id: str) -> list[Recording]:
    """All recordings of a contact, oldest first."""
    statement = _ALL.where(_r.contact_id == contact_id).order_by(_r.started_at, _r.id)
    return [Recording(**row._mapping) for row in connection.execute(statement)]


def had_by(connection: Connection, contact_id: str, agent_id: str) -> bool:
    """Whether the agent has, or ever had, the contact."""
    c, w = schema.contacts.c, schema.works.c
    has = sa.select(c.id).where(c.id == contact_id, c.agent_id == agent_id)
    had = sa.select(w.id).where(
        w.contact_id == contact_id, w.agent_id == agent_id, w.accepted_at.is_not(None)
    )
    return any(connection.execute(statement).first() is not None for statement in (has, had))


def upsert(connection: Connection, report: RecordingReport, at: datetime, ids: Ids) -> Recording:
    """Make the recording known, or let the report add to what is known; the recording as it now is.

    Any order of the same reports ends in the same status, address, length and transcript. A status
    that is not in `STATUSES` changes no status.
    """
    insert_new(
        connection,
        schema.recordings,
        {
            "id": ids.new("rec"),
            "contact_id": report.contact_id,
            "provider_ref": report.provider_ref,
            "purpose": report.purpose,
            "status": STATUSES[0],
            "started_at": report.started_at or at,
        },
    )
    same = _r.provider_ref == report.provider_ref
    for condition, changes in _steps(report, at):
        connection.execute(schema.recordings.update().where(same, condition).values(changes))
    found = get_by_provider_ref(connection, report.provider_ref)
    assert found is not None
    return found


def _steps(report: RecordingReport, at: datetime) -> list[tuple[sa.ColumnElement[bool], dict[str, Any]]]:
    """Each thing a report can add, with the condition under which it says more than the row."""
    steps: list[tuple[sa.ColumnElement[bool], dict[str, Any]]] = []
    url, transcript = kept(report.url, _r.url), kept(report.transcript)
    if report.status in STATUSES[1:]:
        lower = STATUSES[: STATUSES.index(report.status)]
        steps.append((_r.status.in_(lower), {"status": report.status, "completed_at": at}))
    if report.purpose != "voicemail":
        steps.append((_r.purpose == "voicemail", {"purpose": report.purpose}))
    if report.started_at:
        steps.append((_r.started_at > report.started_at, {"started_at": report.started_at}))
    if url:
        steps.append((_r.url < url, {"url": url}))
    if report.seconds:
        steps.append((_r.seconds < report.seconds, {"seconds": report.seconds}))
    if transcript:
        length = sa.func.length(_r.transcript)
        longer = sa.tuple_(length, _r.transcript) < sa.tuple_(
            sa.literal(len(transcript)), sa.literal(transcript)
        )
        steps.append((longer, {"transcript": transcript}))
    return steps
