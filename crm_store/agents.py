"""Agents: who works here, in which role, languages and skills, and how work reaches them.

How one is doing at work (presence, what is held) is in `agent_states`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.engine import Connection

from crm_store import audit, calendars, schema
from crm_store.addresses import normalise_identity, parse_address
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.rows import change, check_choice, check_exists, given, insert, reader

ROLES = ("agent", "supervisor", "administrator")
"""Each may do what those before it may."""

LEVELS = range(1, 11)
"""Of a skill: 1 is learning, 10 an expert."""

REACHES: Final = ("client", "phone", "sip")
"""How a call reaches an agent: the desk in the browser, a telephone, a SIP device."""

MEDIA: Final = ("call", "chat", "text", "ticket")
"""What capacity is counted in."""

MOST_AT_ONCE: Final = 100

Capacity = tuple[dict[str, int], ...]
"""Alternatives, e.g. one call, or three chats and a ticket: what an agent holds must fit into one of them."""

_SIP: Final = re.compile(r"sips?:[^\s@<>\"]+@[^\s@<>\"]+")

_a = schema.agents.c
_s = schema.skills.c
_k = schema.agent_skills.c


class NewAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent to add.

    ``reach``: one of `REACHES`; ``phone`` and ``sip`` are the addresses for it, '' where there is none.
    ``capacity``: None for what the configuration says for all. ``stand_in_id``: the agent who serves this
    one's customers meanwhile. ``shifts``: the name of a calendar of working hours, '' for any time.
    """

    name: str
    email: str
    role: str = "agent"
    languages: tuple[str, ...] = ()
    phone: str = ""
    skills: dict[str, int] = {}
    reach: str = "client"
    sip: str = ""
    capacity: Capacity | None = None
    stand_in_id: str | None = None
    shifts: str = ""


class AgentChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New values of an agent's fields; a field left out stays as it is. ``skills`` replaces all of them."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    skills: dict[str, int] | UnsetType = UNSET
    reach: str | UnsetType = UNSET
    sip: str | UnsetType = UNSET
    capacity: Capacity | UnsetType | None = UNSET
    stand_in_id: str | UnsetType | None = UNSET
    shifts: str | UnsetType = UNSET


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `agents` with the agent's skills and their levels."""

    id: str
    name: str
    email: str
    role: str
    languages: tuple[str, ...]
    phone: str
    active: bool
    version: int
    created_at: datetime
    reach: str = "client"
    sip: str = ""
    capacity: Capacity | None = None
    stand_in_id: str | None = None
    shifts: str = ""
    skills: dict[str, int] = {}


_read = reader(Agent)


def lesser(role: str, other: str) -> str:
    """The one of two roles that may do less."""
    return min(role, other, key=ROLES.index)


_ACTIVE = sa.select(_a.active).where(_a.id == sa.bindparam("id"))
_CAPACITY = sa.select(_a.capacity).where(_a.id == sa.bindparam("id"))


def create(connection: Connection, new: NewAgent, *, at: datetime, ids: Ids, actor: str) -> Agent:
    """Add an agent. Raises `Refused` for an e-mail address that is taken and for a value that cannot be."""
    values = msgspec.structs.asdict(new)
    skills = values.pop("skills")
    _check(connection, values, skills)
    row = {**values, "id": ids.new("agt"), "active": True, "version": 0, "created_at": at}
    insert(connection, schema.agents, row)
    _set_skills(connection, row["id"], skills, ids)
    audit.write(connection, "agent.created", row["id"], {"role": new.role}, at=at, ids=ids, actor=actor)
    return get(connection, row["id"])


def update(
    connection: Connection,
    agent_id: str,
    version: int,
    changes: AgentChanges,
    *,
    at: datetime,
    ids: Ids,
    actor: str,
) -> Agent:
    """Change an agent that must still have ``version``. Raises `NotFound`, `Conflict`, `Refused`."""
    before = get(connection, agent_id)
    wanted = given(changes)
    values = dict(wanted)
    skills = values.pop("skills", None)
    _check(connection, values, skills or {}, before)
    change(connection, schema.agents, agent_id, version, values)
    if skills is not None:
        _set_skills(connection, agent_id, skills, ids)
    data = {name: {"from": getattr(before, name), "to": value} for name, value in wanted.items()}
    audit.write(connection, "agent.updated", agent_id, data, at=at, ids=ids, actor=actor)
    return get(connection, agent_id)


def get(connection: Connection, agent_id: str) -> Agent:
    """The agent with this id. Raises `NotFound`."""
    found = _load(connection, _a.id == agent_id)
    if not found:
        raise NotFound(f"there is no agent {agent_id}; `contact-center agents list` shows them")
    return found[0]


def is_active(connection: Connection, agent_id: str) -> bool:
    """Whether the agent works here: the one thing that is asked for every request."""
    return bool(connection.execute(_ACTIVE, {"id": agent_id}).scalar())


def capacity_of(connection: Connection, agent_id: str) -> tuple[dict[str, int], ...] | None:
    """What an agent may hold at once, None where nothing is said of this one. Raises `NotFound`."""
    found = connection.execute(_CAPACITY, {"id": agent_id}).first()
    if found is None:
        raise NotFound(f"there is no agent {agent_id}; `contact-center agents list` shows them")
    return None if found.capacity is None else tuple(found.capacity)


def get_by_email(connection: Connection, email: str) -> Agent | None:
    """The agent with this e-mail address, in any case, if there is one."""
    found = _load(connection, _a.email == email.strip().lower())
    return found[0] if found else None


def list_agents(connection: Connection, *, active: bool | None = None) -> list[Agent]:
    """All agents by name, or only those at work here (``active``) or no longer."""
    return _load(connection, sa.true() if active is None else _a.active.is_(active))


def list_skills(connection: Connection) -> list[str]:
    """The names of all skills that an agent has or had, in order."""
    return list(connection.execute(sa.select(_s.name).order_by(_s.name)).scalars())


def _load(connection: Connection, condition: sa.ColumnElement[bool]) -> list[Agent]:
    rows = connection.execute(sa.select(schema.agents).where(condition).order_by(_a.name, _a.id)).all()
    skills: dict[str, dict[str, int]] = {row.id: {} for row in rows}
    levels = (
        sa.select(_k.agent_id, _s.name, _k.level)
        .join(schema.skills, _s.id == _k.skill_id)
        .join(schema.agents, _a.id == _k.agent_id)
        .where(condition)
        .order_by(_s.name)
    )
    for agent_id, name, level in connection.execute(levels):
        skills[agent_id][name] = level
    return [msgspec.structs.replace(_read(row), skills=skills[row.id]) for row in rows]


def _set_skills(connection: Connection, agent_id: str, skills: Mapping[str, int], ids: Ids) -> None:
    connection.execute(schema.agent_skills.delete().where(_k.agent_id == agent_id))
    if not skills:
        return
    rows_of_skills = connection.execute(sa.select(_s.name, _s.id).where(_s.name.in_(skills)))
    known = {row.name: row.id for row in rows_of_skills}
    for name in skills.keys() - known.keys():
        known[name] = ids.new("skl")
        insert(connection, schema.skills, {"id": known[name], "name": name})
    rows = [{"agent_id": agent_id, "skill_id": known[name], "level": level} for name, level in skills.items()]
    connection.execute(schema.agent_skills.insert(), rows)


def _check(
    connection: Connection, values: dict[str, Any], skills: Mapping[str, int], before: Agent | None = None
) -> None:
    """Raise `Refused` for what cannot be; spells the e-mail address in ``values`` as it is stored."""
    if "role" in values:
        check_choice("role", values["role"], ROLES)
    for name, level in skills.items():
        if level not in LEVELS or not name.strip():
            raise Refused(
                f"skills: {name!r} has level {level}; give each skill a name and a level of 1 to 10"
            )
    if "email" in values:
        values["email"] = normalise_identity("email", values["email"])
        holder = get_by_email(connection, values["email"])
        if holder is not None and (before is None or holder.id != before.id):
            raise Refused(f"email: it is that of agent {holder.id} already")
    _check_reach(values, before)
    _check_capacity(values.get("capacity"))
    stand_in = values.get("stand_in_id")
    if before is not None and stand_in == before.id:
        raise Refused("stand_in_id: an agent cannot stand in for themselves; name another one")
    check_exists(connection, schema.agents, "stand_in_id", stand_in)
    shifts = values.get("shifts")
    if shifts and calendars.find(connection, shifts) is None:
        raise Refused(
            f"shifts: there is no calendar {shifts!r}; add it first, or leave it empty for any time"
        )


def _check_reach(values: Mapping[str, Any], before: Agent | None) -> None:
    """Raise `Refused` unless there is an address for the way in which calls are to reach the agent."""

    def value(field: str) -> str:
        found: str = values[field] if field in values else getattr(before, field, "")
        return found

    if not values.keys() & {"reach", "phone", "sip"}:
        return
    reach, phone, sip = value("reach"), value("phone"), value("sip")
    check_choice("reach", reach, REACHES)
    if sip and not _SIP.fullmatch(sip):
        raise Refused("sip: it is no SIP address; write one such as sip:ann@example.com")
    if reach == "sip" and not sip:
        raise Refused("sip: an agent who is reached by SIP needs an address such as sip:ann@example.com")
    if reach == "phone" and not parse_address(phone).dialable:
        raise Refused(
            "phone: an agent who is reached by telephone needs a number that can be called, "
            "with its country code, as +12025550143"
        )


def _check_capacity(capacity: Capacity | None) -> None:
    if capacity is None:
        return
    for alternative in capacity:
        for medium, most in alternative.items():
            check_choice("capacity", medium, MEDIA)
            if not 0 <= most <= MOST_AT_ONCE:
                raise Refused(f"capacity: {medium} is {most}; give a number of 0 to {MOST_AT_ONCE}")
    if not capacity or not all(any(alternative.values()) for alternative in capacity):
        raise Refused('capacity: each alternative needs a number of 1 or more, as [{"call": 1}, {"chat": 3}]')
