"""What a token or session may do follows its agent, on both databases, at every look."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from crm_store import agents, sessions, tokens
from crm_store.agents import ROLES, Agent, AgentChanges, NewAgent
from crm_store.errors import Refused
from crm_store.ids import Ids


@pytest.fixture
def by(at: datetime, ids: Ids) -> dict[str, Any]:
    return {"at": at, "ids": ids, "actor": "test"}


def hired(connection: Connection, role: str, by: dict[str, Any]) -> Agent:
    return agents.create(connection, NewAgent(name="Ann", email="ann@example.com", role=role), **by)


def becomes(connection: Connection, agent_id: str, by: dict[str, Any], **changes: Any) -> None:
    version = agents.get(connection, agent_id).version
    agents.update(connection, agent_id, version, AgentChanges(**changes), **by)


def test_a_token_has_the_lesser_of_its_role_and_its_agents(
    connection: Connection, by: dict[str, Any]
) -> None:
    ann = hired(connection, "administrator", by)
    made = {role: tokens.create(connection, role, role, agent_id=ann.id, **by) for role in ROLES}
    for theirs, role in product((*ROLES, *reversed(ROLES)), ROLES):
        becomes(connection, ann.id, by, role=theirs)
        found = tokens.find_by_secret(connection, made[role].secret)
        assert found is not None
        assert ROLES.index(found.role) == min(ROLES.index(theirs), ROLES.index(role))
        inside = sessions.still_in(connection, {made[role].token.id}, by["at"])
        assert inside == {found.id: found.role}
        assert tokens.get(connection, found.id).role == role, "a promotion gives back what it was made with"


def test_the_token_of_who_has_left_is_none_until_they_are_back(
    connection: Connection, by: dict[str, Any]
) -> None:
    ann = hired(connection, "supervisor", by)
    made = tokens.create(connection, "t", "supervisor", agent_id=ann.id, **by)
    becomes(connection, ann.id, by, active=False)
    assert tokens.find_by_secret(connection, made.secret) is None
    assert sessions.still_in(connection, {made.token.id}, by["at"]) == {}
    becomes(connection, ann.id, by, active=True)
    assert tokens.find_by_secret(connection, made.secret) == made.token


def test_a_programs_token_is_its_own(connection: Connection, by: dict[str, Any]) -> None:
    made = tokens.create(connection, "shop", "supervisor", **by)
    assert tokens.find_by_secret(connection, made.secret) == made.token
    assert sessions.still_in(connection, {made.token.id}, by["at"]) == {made.token.id: "supervisor"}


@pytest.mark.parametrize(("theirs", "role"), [(a, b) for a, b in product(ROLES, ROLES) if a != b])
def test_a_token_with_more_than_the_agent_may_is_not_made(
    connection: Connection, by: dict[str, Any], theirs: str, role: str
) -> None:
    ann = hired(connection, theirs, by)
    if ROLES.index(role) < ROLES.index(theirs):
        assert tokens.create(connection, "t", role, agent_id=ann.id, **by).token.role == role
        return
    with pytest.raises(Refused, match=f"give it the role {theirs}"):
        tokens.create(connection, "t", role, agent_id=ann.id, **by)


def test_sessions_still_in_have_their_agents_role(connection: Connection, by: dict[str, Any]) -> None:
    ann = hired(connection, "administrator", by)
    opened = [
        sessions.open_session(
            connection, ann.id, at=by["at"], ids=by["ids"], lifetime=timedelta(hours=hours)
        ).session.id
        for hours in (1, 2, 2)
    ]
    sessions.end(connection, opened[2], **by)
    becomes(connection, ann.id, by, role="agent")
    assert sessions.still_in(connection, set(opened), by["at"]) == dict.fromkeys(opened[:2], "agent")
    later = by["at"] + timedelta(minutes=90)
    assert sessions.still_in(connection, {*opened, "ses_none"}, later) == {opened[1]: "agent"}
    becomes(connection, ann.id, by, active=False)
    assert sessions.still_in(connection, set(opened), by["at"]) == {}
