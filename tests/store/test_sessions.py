"""Sessions and passwords, on both databases: what opens, what does not any more, and what is noted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from crm_store import agents, audit, sessions
from crm_store.agents import AgentChanges, NewAgent
from crm_store.audit import AuditFilter
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.sessions import OpenedSession

IDLE = timedelta(hours=2)


@pytest.fixture
def by(at: datetime, ids: Ids) -> dict[str, Any]:
    return {"at": at, "ids": ids, "actor": "agt_admin"}


@pytest.fixture
def agent(connection: Connection, by: dict[str, Any]) -> str:
    return agents.create(connection, NewAgent(name="Grace", email="grace@example.com"), **by).id


def opened(connection: Connection, agent: str, at: datetime, ids: Ids) -> OpenedSession:
    return sessions.open_session(
        connection,
        agent,
        at=at,
        ids=ids,
        lifetime=timedelta(hours=12),
        address="192.0.2.1",
        browser="x" * 300,
    )


def test_a_session_opens_with_its_secret_alone(
    connection: Connection, agent: str, at: datetime, ids: Ids
) -> None:
    one = opened(connection, agent, at, ids)
    found = sessions.find_by_secret(connection, one.secret, at, IDLE)
    assert found is not None
    assert (found.session, found.name, found.role) == (one.session, "Grace", "agent")
    assert len(one.session.browser) == 200
    for wrong in ("", one.secret[:-1], one.session.id, "\ud800"):
        assert sessions.find_by_secret(connection, wrong, at, IDLE) is None


def test_a_session_is_over_by_time_by_idling_by_its_end_and_with_its_agent(
    connection: Connection, agent: str, by: dict[str, Any], at: datetime, ids: Ids
) -> None:
    one = opened(connection, agent, at, ids)

    def opens(later: timedelta) -> bool:
        return sessions.find_by_secret(connection, one.secret, at + later, IDLE) is not None

    assert opens(IDLE - timedelta(seconds=1))
    assert not opens(IDLE)
    sessions.touch(connection, one.session.id, at + timedelta(hours=11))
    sessions.touch(connection, one.session.id, at)
    assert opens(timedelta(hours=12) - timedelta(seconds=1))
    assert not opens(timedelta(hours=12))
    agents.update(connection, agent, 0, AgentChanges(active=False), **by)
    assert not opens(timedelta(hours=11))
    agents.update(connection, agent, 1, AgentChanges(active=True), **by)
    assert opens(timedelta(hours=11))
    sessions.end(connection, one.session.id, **by)
    sessions.end(connection, one.session.id, **by)
    assert not opens(timedelta(hours=11))
    with pytest.raises(NotFound):
        sessions.end(connection, "ses_none", **by)


def test_a_new_password_ends_every_session(
    connection: Connection, agent: str, by: dict[str, Any], at: datetime, ids: Ids
) -> None:
    assert not sessions.anybody_can_sign_in(connection)
    assert sessions.password_of(connection, "grace@example.com") is None
    sessions.set_password(connection, agent, "$argon2id$one", **by)
    one = opened(connection, agent, at, ids)
    assert sessions.list_open(connection, agent, at) == [one.session]
    sessions.set_password(connection, agent, "$argon2id$two", **by)
    assert sessions.password_of(connection, " Grace@Example.com") == (agent, "$argon2id$two")
    assert sessions.list_open(connection, agent, at) == []
    assert sessions.anybody_can_sign_in(connection)
    agents.update(connection, agent, 0, AgentChanges(active=False), **by)
    assert sessions.password_of(connection, "grace@example.com") is None
    with pytest.raises(Refused):
        sessions.set_password(connection, "agt_none", "x", **by)


def test_who_signed_in_is_in_the_trail_without_secrets(
    connection: Connection, agent: str, by: dict[str, Any], at: datetime, ids: Ids
) -> None:
    sessions.set_password(connection, agent, "$argon2id$one", **by)
    one = opened(connection, agent, at, ids)
    entries = audit.list_entries(connection, AuditFilter()).items
    assert {entry.action for entry in entries} >= {"password.set", "session.opened"}
    assert one.secret not in str(entries)
    assert "argon2" not in str(entries)


def test_old_sessions_are_deleted_and_no_other(
    connection: Connection, agent: str, by: dict[str, Any], at: datetime, ids: Ids
) -> None:
    over, ended, open_one = (opened(connection, agent, at - timedelta(hours=n), ids) for n in (48, 1, 1))
    sessions.end(connection, ended.session.id, **by)
    assert sessions.prune(connection, at) == 1
    assert sessions.prune(connection, at + timedelta(seconds=1)) == 1
    assert sessions.list_open(connection, agent, at) == [open_one.session]
    assert over.session.id != ended.session.id
