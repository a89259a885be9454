"""How agents are doing at work: one row an agent, the place where their capacity is kept.

Beside the row in `agents`, which people edit, because it changes with every contact and has a version of
its own. Everything an agent holds stands in the one row, so whoever gives an agent work must win its version.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from crm_store import schema
from crm_store.bulk import change_row, insert_row
from crm_store.errors import Conflict, NotFound

_s = schema.agent_states.c
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Holding(msgspec.Struct, frozen=True, array_like=True):
    """One piece of work that an agent holds: its kind, its stage (offered active wrap_up), since when."""

    kind: str
    stage: str
    at: datetime


class AgentState(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `agent_states`; ``id`` is the agent's. ``holding`` maps works' ids to what is held.

    ``since``: of the presence; ``idle_since``: when the agent last became free of all work.
    """

    id: str
    presence: str = "offline"
    reason: str = ""
    since: datetime = LONG_AGO
    holding: dict[str, Holding] = {}
    idle_since: datetime = LONG_AGO
    version: int = 0


_ALL = sa.select(schema.agent_states)
_BY_ID = _ALL.where(_s.id == sa.bindparam("id"))
_GONE = _ALL.where(_s.presence == "not_responding").order_by(_s.id)
_ENCODED = ("holding",)


def _decode(row: Row[Any]) -> AgentState:
    values = dict(row._mapping)
    return AgentState(**values | {"holding": msgspec.convert(values["holding"], dict[str, Holding])})


def columns(values: dict[str, Any]) -> dict[str, Any]:
    """Changes of a state, or all of it, as the table takes them."""
    return {name: msgspec.to_builtins(value) if name in _ENCODED else value for name, value in values.items()}


def find(connection: Connection, agent_id: str, *, lock: bool = False) -> AgentState:
    """How the agent is doing; who has never signed in is offline, with version -1 (no row yet).

    ``lock``: nobody else may change it until the transaction ends (PostgreSQL; SQLite has one writer anyway).
    """
    row = connection.execute(_BY_ID.with_for_update() if lock else _BY_ID, {"id": agent_id}).first()
    return AgentState(id=agent_id, version=-1) if row is None else _decode(row)


def list_states(connection: Connection) -> list[AgentState]:
    """Everybody who has ever signed in."""
    return [_decode(row) for row in connection.execute(_ALL.order_by(_s.id))]


def list_holding(connection: Connection) -> list[AgentState]:
    """Those who take no work and may still hold some: not responding, with whatever they have."""
    return [state for state in map(_decode, connection.execute(_GONE)) if state.holding]


def change(connection: Connection, state: AgentState, changes: dict[str, Any]) -> AgentState:
    """Write ``changes`` over ``state`` as it was read; the state as it then is. Raises `Conflict`, and
    `NotFound` for an agent that does not exist."""
    if not changes:
        return state
    after = msgspec.structs.replace(state, **changes, version=state.version + 1)
    if state.version < 0:
        agents = schema.agents.c
        if connection.execute(sa.select(agents.id).where(agents.id == state.id)).first() is None:
            raise NotFound(f"there is no agent {state.id}; `contact-center agents list` shows them")
        try:
            with connection.begin_nested():
                insert_row(connection, "agent_states", columns(msgspec.structs.asdict(after)))
        except sa.exc.IntegrityError:
            raise Conflict("the agent has just signed in somewhere else") from None
        return after
    if not change_row(connection, "agent_states", state.id, state.version, columns(changes)):
        raise Conflict("the agent was changed by somebody else meanwhile")
    return after
