"""Every set of flow definitions that a contact ever ran on, by digest: replay runs it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.errors import NotFound
from crm_store.sql import insert_new


def remember(connection: Connection, digest: str, sources: Mapping[str, str], at: datetime) -> None:
    """Keep the YAML of each flow under the digest of the set; nothing happens where it is kept already."""
    row: dict[str, Any] = {"digest": digest, "sources": dict(sources), "created_at": at}
    insert_new(connection, schema.flow_sources, row)


class Version(msgspec.Struct, frozen=True):
    """A set of flows, by its digest, with the YAML of each by name; ``since``: when it was first kept."""

    digest: str
    since: datetime
    sources: dict[str, str]


def latest(connection: Connection, most: int) -> list[Version]:
    """The sets kept last, newest first."""
    table = schema.flow_sources
    statement = sa.select(table).order_by(table.c.created_at.desc(), table.c.digest).limit(most)
    return [Version(row.digest, row.created_at, dict(row.sources)) for row in connection.execute(statement)]


def get(connection: Connection, digest: str) -> dict[str, str]:
    """The flows of a digest: name to YAML. Raises `NotFound`."""
    table = schema.flow_sources
    found = connection.execute(sa.select(table.c.sources).where(table.c.digest == digest)).first()
    if found is None:
        raise NotFound(f"the flows with digest {digest} were never kept; start the server with them once")
    return dict(found.sources)
