"""Who changed what: one row for each change that a person, an integration or the engine makes to the store.

A row commits with the change it tells of. It may hold what was changed, so it is read only by
those who may read that; it is never logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.ids import Ids
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.rows import insert, reader

_c = schema.audit.c


class AuditEntry(msgspec.Struct, frozen=True):
    """``actor`` did ``action`` (``customer.merged``) to ``subject`` (an id); ``data`` says what."""

    id: str
    at: datetime
    actor: str
    action: str
    subject: str
    data: dict[str, Any]


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which entries; None lets all pass. ``since`` is inclusive, ``until`` exclusive."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_read = reader(AuditEntry)


def write(
    connection: Connection,
    action: str,
    subject: str,
    data: Mapping[str, Any],
    *,
    at: datetime,
    ids: Ids,
    actor: str,
) -> AuditEntry:
    """Note a change in the transaction that makes it. Raises `Refused` for an actor too long to keep."""
    entry = AuditEntry(ids.new("aud"), at, actor, action, subject, dict(data))
    insert(connection, schema.audit, {name: getattr(entry, name) for name in entry.__struct_fields__})
    return entry


def list_entries(
    connection: Connection, which: AuditFilter, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[AuditEntry]:
    """A page of entries, newest first. Raises `Refused` for a bad cursor."""
    statement = sa.select(schema.audit)
    for name in ("actor", "action", "subject"):
        value = getattr(which, name)
        if value is not None:
            statement = statement.where(_c[name] == value)
    if which.since is not None:
        statement = statement.where(_c.at >= which.since)
    if which.until is not None:
        statement = statement.where(_c.at < which.until)
    return fetch_page(connection, statement, _read, by=(_c.at, _c.id), cursor=cursor, limit=limit)
