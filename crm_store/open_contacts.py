"""Contacts that are open just now, with the work that is in line or with an agent for them."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema
from crm_store.contacts import Contact, decode
from crm_store.paging import DEFAULT_LIMIT, Page, fetch_page
from crm_store.work_people import ADDRESS, IS_VISITOR

_c, _w = schema.contacts.c, schema.works.c


class OpenContact(msgspec.Struct, frozen=True, kw_only=True):
    """An open contact; ``work_id``, ``work_state`` are None where no person is wanted. ``queue`` and
    ``agent_id`` are the work's, where there is one. ``customer_name`` and ``tier`` are the customer's, as far
    as they are known, ``address`` is the customer's end (see `crm_store.work_people`)."""

    contact: Contact
    work_id: str | None
    work_state: str | None
    queue: str | None
    agent_id: str | None
    agent_name: str
    customer_name: str
    tier: str
    address: str


class OpenFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which open contacts; None lets all pass."""

    state: str | None = None
    owner: str | None = None
    channel: str | None = None
    queue: str | None = None
    agent_id: str | None = None


_QUEUE = sa.func.coalesce(sa.func.nullif(_w.queue, ""), _c.queue)
_AGENT = sa.func.coalesce(_w.agent_id, _c.agent_id)
_ITS_WORK = sa.and_(
    _w.contact_id == _c.id,
    _w.state.in_(("waiting", "offered", "connecting", "active")),
    _w.kind.not_in(("consult", "callback")),
)
# ``ended_at`` said as the index of open contacts says it: else PostgreSQL does not see that it serves.
_OPEN = (
    sa.select(
        *_c,
        _w.id.label("work_id"),
        _w.state.label("work_state"),
        _QUEUE,
        _AGENT,
        sa.func.coalesce(schema.agents.c.name, ""),
        sa.func.coalesce(schema.customers.c.name, schema.visitors.c.name, ""),
        sa.func.coalesce(schema.customers.c.tier, ""),
        ADDRESS,
    )
    .select_from(
        schema.contacts.outerjoin(schema.works, _ITS_WORK)
        .outerjoin(schema.agents, schema.agents.c.id == _AGENT)
        .outerjoin(schema.customers, schema.customers.c.id == _c.customer_id)
        .outerjoin(schema.visitors, IS_VISITOR)
    )
    .where(_c.ended_at.is_(None), _c.state != "ended")
)


def list_open(
    connection: Connection, which: OpenFilter, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[OpenContact]:
    """A page of open contacts, newest first. Raises `Refused` for a bad cursor."""
    conditions = {
        _c.state: which.state,
        _c.owner: which.owner,
        _c.channel: which.channel,
        _QUEUE: which.queue,
        _AGENT: which.agent_id,
    }
    statement = _OPEN.where(*(column == value for column, value in conditions.items() if value is not None))
    return fetch_page(connection, statement, _decode, by=(_c.started_at, _c.id), cursor=cursor, limit=limit)


def _decode(row: sa.Row[Any]) -> OpenContact:
    width = len(_c)
    work_id, work_state, queue, agent_id, agent_name, customer_name, tier, address = row[width : width + 8]
    return OpenContact(
        contact=decode(row),
        work_id=work_id,
        work_state=work_state,
        queue=queue,
        agent_id=agent_id,
        agent_name=agent_name,
        customer_name=customer_name,
        tier=tier,
        address=address,
    )
