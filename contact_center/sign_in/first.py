"""The first start: an administrator's password, and in the demo an agent's and a supervisor's, shown once."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from sqlalchemy.engine import Connection

from contact_center.room import Room
from contact_center.sign_in import passwords
from crm_store import agents, sessions
from crm_store.agents import Agent, NewAgent
from crm_store.errors import Conflict, Duplicate, Refused

ADMINISTRATOR: Final = "admin@example.com"
DEMO: Final = ("grace.miller@example.com", "tom.becker@example.com")
"""Of the demo's people, a supervisor and an agent who can sign in at once."""


class FirstPassword(msgspec.Struct, frozen=True):
    """Who can sign in with what; kept nowhere in this form."""

    email: str
    role: str
    password: str


async def first_passwords(room: Room, *, demo: bool) -> list[FirstPassword]:
    """Passwords where nobody has one yet, else none. The administrator is made where there is none."""
    if await room.store.read(sessions.anybody_can_sign_in):
        return []
    made = [(email, passwords.generate()) for email in (ADMINISTRATOR, *(DEMO if demo else ()))]
    hashes = [await asyncio.to_thread(passwords.hash_now, password) for _, password in made]

    def write(connection: Connection) -> list[FirstPassword]:
        if sessions.anybody_can_sign_in(connection):
            return []
        at, ids = room.clock.now(), room.ids
        given: list[FirstPassword] = []
        for (email, password), hashed in zip(made, hashes, strict=True):
            agent = _person(connection, room, email)
            if agent is None:
                continue
            sessions.set_password(connection, agent.id, hashed, at=at, ids=ids, actor="serve")
            given.append(FirstPassword(agent.email, agent.role, password))
        return given

    try:
        return await room.store.write(write)
    except (Conflict, Duplicate, Refused):
        # Another process of the same centre was quicker, and has shown them.
        if await room.store.read(sessions.anybody_can_sign_in):
            return []
        raise


def _person(connection: Connection, room: Room, email: str) -> Agent | None:
    """Who has this address; for the administrator's, an administrator that is there already, or a new one."""
    people = agents.list_agents(connection)
    same = next((agent for agent in people if agent.email == email), None)
    if email != ADMINISTRATOR:
        return same if same is not None and same.active else None
    present = next((agent for agent in people if agent.role == "administrator" and agent.active), same)
    if present is not None:
        return present
    new = NewAgent(name="Administrator", email=ADMINISTRATOR, role="administrator")
    return agents.create(connection, new, at=room.clock.now(), ids=room.ids, actor="serve")
