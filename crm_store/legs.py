"""Legs: who is, or is being brought, into the conversation about a contact; one row a call of a party.

A row outlives its leg: who took part, when and how it ended. `contact_center.leg` has the rules.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store import schema
from crm_store.bulk import change_row, insert_row
from crm_store.errors import Conflict, NotFound

STATES: Final = ("placing", "ringing", "answered", "joined", "left", "failed")
OPEN_STATES: Final = STATES[:4]

_l = schema.legs.c


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `legs`.

    ``role``: customer agent consulted outside supervisor; ``mode``, of a supervisor: listen whisper barge.
    ``party``: client phone sip, or call for the customer's own call; ``address``: whom of those.
    ``provider_ref``: the carrier's id of the call, None until it is known; ``room_ref``: of the room that it
    came into, '' until then. ``reason``: why it is left or failed; before that ``human`` once it is known
    that a person has answered. ``sequence``: of the newest event heeded of those that are numbered.
    ``joined_at``: since when in the room.
    """

    id: str
    contact_id: str
    work_id: str | None = None
    agent_id: str | None = None
    role: str
    mode: str = ""
    party: str
    address: str
    provider_ref: str | None = None
    room_ref: str = ""
    state: str = "placing"
    reason: str = ""
    held: bool = False
    muted: bool = False
    sequence: int = -1
    created_at: datetime
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 0


_ALL = sa.select(schema.legs)
_BY_ID = _ALL.where(_l.id == sa.bindparam("id"))


_OF_CONTACT = _ALL.where(_l.contact_id == sa.bindparam("contact_id")).order_by(_l.created_at, _l.id)
_OPEN_OF_CONTACT = _OF_CONTACT.where(_l.state.in_(OPEN_STATES))


def _decode(row: Row[Any]) -> Leg:
    return Leg(**row._mapping)


def find(connection: Connection, leg_id: str, *, lock: bool = False) -> Leg | None:
    """The leg, if there is one. ``lock``: nobody else may change it until the transaction ends
    (PostgreSQL)."""
    row = connection.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"id": leg_id}).first()
    return None if row is None else _decode(row)


def get(connection: Connection, leg_id: str, *, lock: bool = False) -> Leg:
    """The leg. Raises `NotFound`."""
    leg = find(connection, leg_id, lock=lock)
    if leg is None:
        raise NotFound(f"there is no leg {leg_id}")
    return leg


def by_provider_ref(connection: Connection, provider_ref: str) -> Leg | None:
    """The leg that is the carrier's call of that id, if there is one."""
    row = connection.execute(_ALL.where(_l.provider_ref == provider_ref)).first()
    return None if row is None else _decode(row)


def list_for_contact(connection: Connection, contact_id: str, *, open_only: bool = False) -> list[Leg]:
    """The legs of a contact in the order in which they were placed; ``open_only``: those not over yet."""
    statement = _OPEN_OF_CONTACT if open_only else _OF_CONTACT
    return [_decode(row) for row in connection.execute(statement, {"contact_id": contact_id})]


def open_of_agent(connection: Connection, agent_id: str) -> list[Leg]:
    """The legs of an agent that are not over, in every role."""
    wanted = sa.and_(_l.agent_id == agent_id, _l.state.in_(OPEN_STATES))
    return [_decode(row) for row in connection.execute(_ALL.where(wanted).order_by(_l.created_at, _l.id))]


def insert(connection: Connection, leg: Leg) -> Leg:
    """Add a leg."""
    insert_row(connection, "legs", msgspec.structs.asdict(leg))
    return leg


def change(connection: Connection, leg: Leg, changes: dict[str, Any]) -> Leg:
    """Write ``changes`` over ``leg`` as it was read; the leg as it then is. Raises `Conflict`."""
    if not changes:
        return leg
    after = msgspec.structs.replace(leg, **changes, version=leg.version + 1)
    if not change_row(connection, "legs", leg.id, leg.version, changes):
        raise Conflict("the leg was changed by somebody else meanwhile")
    return after
