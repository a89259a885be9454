"""Whom works are about and who has them, by name: one statement, however many works there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import schema, works
from crm_store.works import OPEN_STATES, Work


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The customer of a contact or ticket, as far as they are known.

    ``customer_id``: None where nobody knows who it is; then ``name`` is what a visitor of the web chat says.
    ``language`` and ``tier`` are the customer's; ``address``: where they write or call from, '' where that
    says nothing to people. ``ticket`` is the number, and ``subject`` the subject, of work about a ticket.
    """

    customer_id: str | None = None
    name: str = ""
    tier: str = ""
    language: str = ""
    channel: str = ""
    address: str = ""
    ticket: str = ""
    subject: str = ""


class People(msgspec.Struct, frozen=True, kw_only=True):
    """``who`` it is about, None for work about nobody; the names of the agent who has it and of the one
    that is wanted.
    """

    who: Who | None = None
    agent_name: str = ""
    wanted_name: str = ""


_w, _c, _t = schema.works.c, schema.contacts.c, schema.tickets.c
_customers, _visitors = schema.customers.c, schema.visitors.c
_having, _wanted = schema.agents.alias("having"), schema.agents.alias("wanted_agent")

ADDRESS = sa.case(
    (_c.channel == "web", sa.func.coalesce(_visitors.email, "")),
    (_c.direction == "outbound", _c.to_address),
    else_=_c.from_address,
)
"""The customer's end of a contact. In a web chat the contact has only our own id of the visitor."""

IS_VISITOR = sa.and_(_c.channel == "web", _visitors.id == _c.provider_ref)
"""Joins a contact of the web chat with its visitor."""

_COLUMNS = (
    _customers.id.label("customer_id"),
    sa.func.coalesce(_customers.name, _visitors.name, "").label("name"),
    sa.func.coalesce(_customers.tier, "").label("customer_tier"),
    sa.func.coalesce(_customers.language, _c.language, "").label("customer_language"),
    sa.func.coalesce(_c.channel, "").label("channel"),
    sa.func.coalesce(ADDRESS, _t.contact_back, "").label("address"),
    sa.func.coalesce(_t.number, "").label("ticket"),
    sa.func.coalesce(_t.subject, "").label("subject"),
    sa.func.coalesce(_having.c.name, "").label("agent_name"),
    sa.func.coalesce(_wanted.c.name, "").label("wanted_name"),
)
_JOINED = (
    schema.works.outerjoin(schema.contacts, _w.contact_id == _c.id)
    .outerjoin(schema.tickets, _w.ticket_id == _t.id)
    .outerjoin(schema.customers, _customers.id == sa.func.coalesce(_c.customer_id, _t.customer_id))
    .outerjoin(schema.visitors, IS_VISITOR)
    .outerjoin(_having, _having.c.id == _w.agent_id)
    .outerjoin(_wanted, _wanted.c.id == _w.wanted)
)
_ALL: sa.Select[Any] = sa.select(*_w, *_COLUMNS).select_from(_JOINED)
_PEOPLE: sa.Select[Any] = (
    sa.select(_w.id, _w.contact_id, _w.ticket_id, *_COLUMNS)
    .select_from(_JOINED)
    .where(_w.id.in_(sa.bindparam("work_ids", expanding=True)))
)
_OF_AGENT = _ALL.where(_w.agent_id == sa.bindparam("agent_id"), _w.state != "done").order_by(_w.id)
_OWN = sa.select(_w.id).where(_w.agent_id == sa.bindparam("agent_id"), _w.state == "active")
_CONSULTS_OF_AGENT = _ALL.where(_w.for_work.in_(_OWN), _w.state != "done").order_by(_w.id)

Shown = tuple[Work, People]


def list_open(
    connection: Connection,
    states: Sequence[str] = OPEN_STATES,
    *,
    queue: str | None = None,
    agent_id: str | None = None,
) -> list[Shown]:
    """Open work in some states by its place in line, with its people; of one queue, of one agent."""
    statement = _ALL.where(_w.state.in_(states)).order_by(_w.queued_at, _w.id)
    if queue is not None:
        statement = statement.where(_w.queue == queue)
    if agent_id is not None:
        statement = statement.where(_w.agent_id == agent_id)
    return [_shown(row) for row in connection.execute(statement)]


def of_agent(connection: Connection, agent_id: str) -> list[Shown]:
    """What an agent has, offers included, with its people."""
    return [_shown(row) for row in connection.execute(_OF_AGENT, {"agent_id": agent_id})]


def consults_of_agent(connection: Connection, agent_id: str) -> list[Shown]:
    """The questions to others that go on about what an agent has, with their people."""
    return [_shown(row) for row in connection.execute(_CONSULTS_OF_AGENT, {"agent_id": agent_id})]


def people_of(connection: Connection, work_ids: Collection[str]) -> dict[str, People]:
    """The people of these works, by the work's id."""
    if not work_ids:
        return {}
    rows = connection.execute(_PEOPLE, {"work_ids": sorted(work_ids)})
    return {row.id: _people(row) for row in rows}


def _shown(row: sa.Row[Any]) -> Shown:
    return works.decode(row), _people(row)


def _people(row: sa.Row[Any]) -> People:
    about = row.contact_id is not None or row.ticket_id is not None
    who = Who(
        customer_id=row.customer_id,
        name=row.name,
        tier=row.customer_tier,
        language=row.customer_language,
        channel=row.channel,
        address=row.address,
        ticket=row.ticket,
        subject=row.subject,
    )
    return People(who=who if about else None, agent_name=row.agent_name, wanted_name=row.wanted_name)
