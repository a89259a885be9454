"""A visitor's conversations as the web chat shows them: every message once, in the order of the commits.

The order is that of the journals: a contact's entries are numbered without gaps under its version, so whoever
has seen all up to a number has missed nothing before it. (Times and ids are made before the commit: a message
may be written after one that has a later time.) The journal says which message; its words are in `messages`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import contacts, messages, schema
from crm_store.contacts import Contact
from crm_store.messages import Message

CHANNEL: Final = "web"
WRITTEN: Final = ("message_in", "message_out")

_c = schema.contacts.c
_j = schema.journal.c
_m = schema.messages.c
_IDS_AT_ONCE: Final = 500


class Written(msgspec.Struct, frozen=True):
    """A message and its place: number ``seq`` of its contact's journal."""

    seq: int
    message: Message


class Stand(msgspec.Struct, frozen=True, order=True):
    """How far a visitor's conversations have come: equal where nothing has happened in between."""

    contact_id: str
    version: int


def of_visitor(connection: Connection, visitor_id: str, most: int) -> list[Contact]:
    """The visitor's latest ``most`` contacts, oldest first."""
    statement = (
        contacts.selection()
        .where(_c.provider_ref == visitor_id, _c.channel == CHANNEL)
        .order_by(_c.started_at.desc(), _c.id.desc())
        .limit(most)
    )
    return [contacts.decode(row) for row in connection.execute(statement)][::-1]


def written(connection: Connection, contact: Contact, first: int = 0) -> list[Written]:
    """The messages of a contact from journal number ``first`` on, up to where the journal stood when the
    contact was read: what has been committed since is for the next look, or it would be seen twice.
    """
    noted = connection.execute(
        sa.select(_j.seq, _j.data)
        .where(
            _j.contact_id == contact.id,
            _j.seq >= first,
            _j.seq < contact.journal_length,
            _j.kind.in_(WRITTEN),
        )
        .order_by(_j.seq)
    )
    places = {str(data.get("message_id")): seq for seq, data in noted}
    if not places:
        return []
    known = {message.id: message for message in messages.list_of(connection, list(places))}
    return [Written(seq, known[name]) for name, seq in places.items() if name in known]


def stands(connection: Connection, visitor_ids: Collection[str]) -> dict[str, Stand]:
    """How far each of these visitors' conversations have come; those without one are left out."""
    found: dict[str, Stand] = {}
    asked = sorted(visitor_ids)
    for start in range(0, len(asked), _IDS_AT_ONCE):
        rows = connection.execute(
            sa.select(_c.provider_ref, _c.id, _c.version).where(
                _c.provider_ref.in_(asked[start : start + _IDS_AT_ONCE]), _c.channel == CHANNEL
            )
        )
        for visitor_id, contact_id, version in rows:
            stand = Stand(contact_id, version)
            if visitor_id not in found or found[visitor_id] < stand:
                found[visitor_id] = stand
    return found


def mark(connection: Connection, message_ids: Sequence[str], status: str, at: datetime) -> list[str]:
    """These messages of ours are ``delivered`` or ``read``; those of which that is new.

    A mark never takes back a greater one, so that any order of marks ends in the same.
    """
    lower = messages.STATUSES[: messages.STATUSES.index(status)]
    open_ones = (_m.id.in_(message_ids), _m.direction == "outbound", _m.status.in_(lower))
    new = list(connection.execute(sa.select(_m.id).where(*open_ones).order_by(_m.id)).scalars())
    if new:
        connection.execute(
            schema.messages.update()
            .where(_m.id.in_(new), _m.status.in_(lower))
            .values(status=status, status_at=at)
        )
    return new
