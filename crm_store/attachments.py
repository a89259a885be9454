"""Files that visitors of the web chat have sent: what they are, and under which name they lie on our disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.rows import insert, reader


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `attachments`; ``visitor_id``: in whose chat; ``size`` in bytes; ``message_id`` None until it
    is sent; ``agent_id`` None where the visitor sends it.
    """

    id: str
    visitor_id: str
    message_id: str | None = None
    stored_as: str
    name: str
    content_type: str
    size: int
    created_at: datetime
    agent_id: str | None = None


_a = schema.attachments.c
_read = reader(Attachment)
_ALL = sa.select(schema.attachments)


def add(connection: Connection, attachment: Attachment) -> None:
    """Note a file that lies on the disk. Raises `Refused` for a name that does not fit."""
    insert(connection, schema.attachments, msgspec.structs.asdict(attachment))


def find(connection: Connection, attachment_id: str) -> Attachment | None:
    """The file with this id, if there is one."""
    row = connection.execute(_ALL.where(_a.id == attachment_id)).first()
    return None if row is None else _read(row)


def find_all(connection: Connection, attachment_ids: Sequence[str]) -> dict[str, Attachment]:
    """Those of these files that there are, by id."""
    if not attachment_ids:
        return {}
    rows = connection.execute(_ALL.where(_a.id.in_(attachment_ids)))
    return {row.id: _read(row) for row in rows}


def sent(connection: Connection, attachment_ids: Sequence[str], visitor_id: str, message_id: str) -> None:
    """These files in the visitor's chat went with the message."""
    connection.execute(
        schema.attachments.update()
        .where(_a.id.in_(attachment_ids), _a.visitor_id == visitor_id, _a.message_id.is_(None))
        .values(message_id=message_id)
    )


def bytes_unsent(connection: Connection, visitor_id: str, agent_id: str | None = None) -> int:
    """How much the visitor, or an agent for the visitor, has uploaded without sending it."""
    total = sa.select(sa.func.coalesce(sa.func.sum(_a.size), 0)).where(
        _a.visitor_id == visitor_id, _a.agent_id == agent_id, _a.message_id.is_(None)
    )
    return int(connection.execute(total).scalar_one())
