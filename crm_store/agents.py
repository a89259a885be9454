"""Agents: who works here, in which role, languages and skills. Whether one is at work is live state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.engine import Connection

from crm_store import audit, schema
from crm_store.addresses import normalise_identity
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.rows import change, check_choice, given, insert, reader

ROLES = ("agent", "supervisor", "administrator")
LEVELS = range(1, 11)
"""Of a skill: 1 is learning, 10 an expert."""

_a = schema.agents.c
_s = schema.skills.c
_k = schema.agent_skills.c


class NewAgent(msgspec.Struct, frozen=True, kw_only=True):
    """An agent to add. ``phone``: where an agent without the desk is called, '' nowhere."""

    name: str
    email: str
    role: str = "agent"
    languages: tuple[str, ...] = ()
    phone: str = ""
    skills: dict[str, int] = {}


class AgentChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New values of an agent's fields; a field left out stays as it is. ``skills`` replaces all of them."""

    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    languages: tuple[str, ...] | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    skills: dict[str, int] | UnsetType = UNSET


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
    skills: dict[str, int] = {}


_read = reader(Agent)


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
    _check(connection, values, skills or {}, agent_id)
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
    connection: Connection, values: dict[str, Any], skills: Mapping[str, int], agent_id: str = ""
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
        if holder is not None and holder.id != agent_id:
            raise Refused(f"email: it is that of agent {holder.id} already")
