"""What providers delivered, each under its unique key with the reply it got (DESIGN D3).

A turn writes the row with everything else it changes; a redelivery finds it here and gets the
same reply.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.ids import first_id


class StoredDelivery(msgspec.Struct, frozen=True):
    """A row of `deliveries`; ``reply`` is JSON of the channel's reply, ``turn`` the contact's after it."""

    contact_id: str
    key: str
    turn: int
    reply: str
    received_at: datetime


_d = schema.deliveries.c
_ALL = sa.select(*schema.deliveries.c)
_BY_KEY = _ALL.where(_d.contact_id == sa.bindparam("contact_id"), _d.key == sa.bindparam("key"))
_REPLY = (
    sa.select(_d.reply)
    .where(_d.contact_id == sa.bindparam("contact_id"), _d.turn == sa.bindparam("turn"))
    .order_by(_d.received_at, _d.key)
    .limit(1)
)


def get(connection: Connection, contact_id: str, key: str) -> StoredDelivery | None:
    """The delivery to a contact with this key, if it came before."""
    row = connection.execute(_BY_KEY, {"contact_id": contact_id, "key": key}).first()
    return None if row is None else StoredDelivery(*row)


def reply_for(connection: Connection, contact_id: str, turn: int) -> str | None:
    """The reply that brought the contact to ``turn``: that of the first delivery of that turn.

    Later ones with the same turn are reports that moved nothing, such as a status.
    """
    found: str | None = connection.execute(_REPLY, {"contact_id": contact_id, "turn": turn}).scalar()
    return found


def prune(connection: Connection, before: datetime, limit: int = 1000) -> int:
    """Forget at most ``limit`` deliveries received before an instant; how many went.

    Safe once the provider has given up redelivering; call again while it answers ``limit``, each time
    in a transaction of its own, so that no lock is held for long. The contacts' ids carry their time,
    so the old rows are found at the beginning of the table.
    """
    first = (
        sa.select(_d.contact_id, _d.key)
        .where(_d.contact_id < first_id("con", before), _d.received_at < before)
        .order_by(_d.contact_id, _d.key)
    )
    old = [tuple(row) for row in connection.execute(first.limit(limit))]
    if old:
        gone = schema.deliveries.delete().where(
            _d.contact_id == sa.bindparam("old_contact"), _d.key == sa.bindparam("old_key")
        )
        connection.execute(gone, [{"old_contact": contact, "old_key": key} for contact, key in old])
    return len(old)
