"""Offers: which agent was asked to take which work, until when, and what came of it.

An offer is a lease: it is pending until it is accepted, declined or revoked, or its time is over. Work has at
most one that is pending, which the table itself holds to, so that two who lead at once cannot offer it twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store import schema
from crm_store.bulk import insert_row
from crm_store.errors import Conflict, NotFound

PENDING: Final = "pending"
ENDS: Final = ("accepted", "declined", "expired", "revoked")
"""What can become of an offer. Revoked: the work wants no agent any more, or not this one."""

_o = schema.offers.c


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `offers`.

    ``queue``: in which it was made, '' for work that only ever went to this agent. ``auto_accept``: the
    desk takes it without asking. ``fence``: of the lease under which it was made (`crm_store.leases`).
    """

    id: str
    work_id: str
    agent_id: str
    queue: str = ""
    state: str = PENDING
    auto_accept: bool = False
    offered_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    fence: int


_ALL = sa.select(schema.offers)
_BY_ID = _ALL.where(_o.id == sa.bindparam("id"))
_OF_WORK = _ALL.where(_o.work_id == sa.bindparam("work_id"), _o.state == PENDING)
_END = (
    schema.offers.update()
    .where(_o.id == sa.bindparam("offer_id"), _o.state == PENDING)
    .values(state=sa.bindparam("to"), ended_at=sa.bindparam("at"))
)
_OF_AGENT = _ALL.where(_o.agent_id == sa.bindparam("agent_id"), _o.state == PENDING).order_by(_o.id)
_NEXT_DUE = sa.select(_o.expires_at).where(_o.state == PENDING).order_by(_o.expires_at).limit(1)


def _decode(row: Row[Any]) -> Offer:
    return Offer(**row._mapping)


def row(offer: Offer) -> dict[str, Any]:
    """The row of a new offer, for `Unit.insert`."""
    return msgspec.structs.asdict(offer)


def find(connection: Connection, offer_id: str, *, lock: bool = False) -> Offer | None:
    """The offer with this id, if there is one; ``lock`` as in `agent_states.find`."""
    found = connection.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"id": offer_id}).first()
    return None if found is None else _decode(found)


def get(connection: Connection, offer_id: str, *, lock: bool = False) -> Offer:
    """As `find`. Raises `NotFound`."""
    found = find(connection, offer_id, lock=lock)
    if found is None:
        raise NotFound(f"there is no offer {offer_id}")
    return found


def pending_for_work(connection: Connection, work_id: str) -> Offer | None:
    """The offer of this work that somebody has yet to answer, if there is one."""
    found = connection.execute(_OF_WORK, {"work_id": work_id}).first()
    return None if found is None else _decode(found)


def pending_of_agent(connection: Connection, agent_id: str) -> list[Offer]:
    """What an agent has yet to answer, oldest first."""
    return [_decode(found) for found in connection.execute(_OF_AGENT, {"agent_id": agent_id})]


def list_pending(connection: Connection) -> list[Offer]:
    """All that somebody has yet to answer, by when it expires."""
    statement = _ALL.where(_o.state == PENDING).order_by(_o.expires_at, _o.id)
    return [_decode(found) for found in connection.execute(statement)]


def due(connection: Connection, at: datetime, limit: int = 100) -> list[Offer]:
    """Offers still pending whose time is over at ``at``, the longest overdue first."""
    statement = _ALL.where(_o.state == PENDING, _o.expires_at <= at).order_by(_o.expires_at, _o.id)
    return [_decode(found) for found in connection.execute(statement.limit(limit))]


def next_due(connection: Connection) -> datetime | None:
    """When the next pending offer expires, if there is one."""
    found: datetime | None = connection.execute(_NEXT_DUE).scalar_one_or_none()
    return found


def list_for_work(connection: Connection, work_id: str) -> list[Offer]:
    """All offers of a piece of work, oldest first."""
    statement = _ALL.where(_o.work_id == work_id).order_by(_o.offered_at, _o.id)
    return [_decode(found) for found in connection.execute(statement)]


def insert(connection: Connection, offer: Offer) -> Offer:
    """Add an offer. Raises `Conflict` where the work is on offer already; the transaction goes on."""
    try:
        with connection.begin_nested():
            insert_row(connection, "offers", row(offer))
    except sa.exc.IntegrityError as error:
        if pending_for_work(connection, offer.work_id) is None:
            raise
        raise Conflict("the work is on offer to somebody already") from error
    return offer


def end(connection: Connection, offer: Offer, state: str, at: datetime) -> Offer:
    """End a pending offer, one of `ENDS`; the offer as it then is.

    Raises `Conflict` where it has ended already.
    """
    if state not in ENDS:
        raise ValueError(f"{state!r} is no end of an offer; use one of {', '.join(ENDS)}")
    written = connection.execute(_END, {"offer_id": offer.id, "to": state, "at": at})
    if written.rowcount != 1:
        raise Conflict("the offer has been answered or has ended already")
    return msgspec.structs.replace(offer, state=state, ended_at=at)


def turns(connection: Connection, since: datetime) -> dict[str, dict[str, int]]:
    """How many of the offers made since ``since`` each agent has accepted, by queue and agent's id."""
    counted = (
        sa.select(_o.queue, _o.agent_id, sa.func.count())
        # None expires before it is made, and by `expires_at` there is an index.
        .where(_o.state == "accepted", _o.expires_at >= since, _o.offered_at >= since, _o.queue != "")
        .group_by(_o.queue, _o.agent_id)
        .order_by(_o.queue, _o.agent_id)
    )
    taken: dict[str, dict[str, int]] = {}
    for queue, agent_id, number in connection.execute(counted):
        taken.setdefault(queue, {})[agent_id] = int(number)
    return taken
