"""Signed-in browsers, and the passwords that people sign in with.

A session's secret is in the browser's cookie only; here is its SHA-256. The hash of a password is made by
the caller (argon2id is slow on purpose, and must not hold a transaction).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import agents, audit, schema
from crm_store.errors import NotFound
from crm_store.ids import Ids
from crm_store.rows import check_exists, insert, reader
from crm_store.words import kept

_BYTES = 32
_s = schema.sessions.c
_p = schema.passwords.c
_a = schema.agents.c
_t = schema.api_tokens.c


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `sessions` without its digest. ``seen_at`` is when it was last used, to the minute."""

    id: str
    agent_id: str
    address: str
    browser: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class OpenedSession(msgspec.Struct, frozen=True):
    """A new session and the ``secret`` for the cookie, which cannot be had again."""

    session: Session
    secret: str


class SignedIn(msgspec.Struct, frozen=True):
    """Who a cookie belongs to, as they are now."""

    session: Session
    name: str
    email: str
    role: str


_read = reader(Session)
_ALL = sa.select(*(column for column in _s if column.name != "digest"))


def set_password(
    connection: Connection, agent_id: str, hashed: str, *, at: datetime, ids: Ids, actor: str
) -> None:
    """Give an agent a password, in place of any before; whoever is signed in must do so again.

    Raises `Refused` for an unknown agent.
    """
    check_exists(connection, schema.agents, "agent_id", agent_id)
    connection.execute(schema.passwords.delete().where(_p.agent_id == agent_id))
    insert(connection, schema.passwords, {"agent_id": agent_id, "hash": hashed, "changed_at": at})
    end_all(connection, agent_id, at)
    audit.write(connection, "password.set", agent_id, {}, at=at, ids=ids, actor=actor)


def password_of(connection: Connection, email: str) -> tuple[str, str] | None:
    """Agent's id and password's hash by e-mail address, in any case; None for who cannot sign in."""
    found = connection.execute(
        sa.select(_a.id, _p.hash)
        .join(schema.passwords, _p.agent_id == _a.id)
        .where(_a.email == email.strip().lower(), _a.active.is_(True))
    ).first()
    return None if found is None else (found[0], found[1])


def anybody_can_sign_in(connection: Connection) -> bool:
    """Whether anybody has a password."""
    return connection.execute(sa.select(_p.agent_id).limit(1)).first() is not None


def open_session(
    connection: Connection,
    agent_id: str,
    *,
    at: datetime,
    ids: Ids,
    lifetime: timedelta,
    address: str = "",
    browser: str = "",
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> OpenedSession:
    """Sign an agent in; ``random_bytes`` must be fit for secrets. Raises `Refused` for an unknown agent."""
    check_exists(connection, schema.agents, "agent_id", agent_id)
    secret = base64.urlsafe_b64encode(random_bytes(_BYTES)).decode().rstrip("=")
    session = Session(
        id=ids.new("ses"),
        agent_id=agent_id,
        address=kept(address, _s.address),
        browser=kept(browser, _s.browser),
        created_at=at,
        seen_at=at,
        expires_at=at + lifetime,
    )
    insert(connection, schema.sessions, {**msgspec.structs.asdict(session), "digest": _digest(secret)})
    audit.write(
        connection, "session.opened", session.id, {"address": session.address}, at=at, ids=ids,
        actor=f"agent:{agent_id}",
    )  # fmt: skip
    return OpenedSession(session, secret)


def find_by_secret(connection: Connection, secret: str, at: datetime, idle: timedelta) -> SignedIn | None:
    """Who the cookie belongs to; None where the session is over or was unused for ``idle``, or its agent
    has left."""
    columns = [column for column in _s if column.name != "digest"]
    row = connection.execute(
        sa.select(*columns, _a.name.label("agent_name"), _a.email, _a.role)
        .join(schema.agents, _a.id == _s.agent_id)
        .where(
            _s.digest == _digest(secret),
            _s.ended_at.is_(None),
            _s.expires_at > at,
            _s.seen_at > at - idle,
            _a.active.is_(True),
        )
    ).first()
    if row is None:
        return None
    values = dict(row._mapping)
    name, email, role = values.pop("agent_name"), values.pop("email"), values.pop("role")
    return SignedIn(Session(**values), name, email, role)


def touch(connection: Connection, session_id: str, at: datetime) -> None:
    """Note that a session was used; it never goes back in time."""
    connection.execute(
        schema.sessions.update().where(_s.id == session_id, _s.seen_at < at).values(seen_at=at)
    )


def end(connection: Connection, session_id: str, *, at: datetime, ids: Ids, actor: str) -> None:
    """Sign out; a session that is over already stays as it is. Raises `NotFound`."""
    if connection.execute(sa.select(_s.id).where(_s.id == session_id)).first() is None:
        raise NotFound(f"there is no session {session_id}")
    ended = connection.execute(
        schema.sessions.update().where(_s.id == session_id, _s.ended_at.is_(None)).values(ended_at=at)
    )
    if ended.rowcount:
        audit.write(connection, "session.ended", session_id, {}, at=at, ids=ids, actor=actor)


def end_all(connection: Connection, agent_id: str, at: datetime) -> int:
    """End every session of an agent; how many there were."""
    ended = connection.execute(
        schema.sessions.update().where(_s.agent_id == agent_id, _s.ended_at.is_(None)).values(ended_at=at)
    )
    return int(ended.rowcount)


def list_open(connection: Connection, agent_id: str, at: datetime) -> list[Session]:
    """An agent's sessions that are not over, the last used first."""
    statement = _ALL.where(_s.agent_id == agent_id, _s.ended_at.is_(None), _s.expires_at > at)
    return [_read(row) for row in connection.execute(statement.order_by(_s.seen_at.desc(), _s.id))]


def still_in(connection: Connection, names: Collection[str], at: datetime) -> dict[str, str]:
    """Which of these sessions and API tokens, by their ids, are neither over nor revoked, and belong to
    nobody who has left; with the role that each has now. That one was not used for long does not count: a
    desk that is open is in use."""
    here = sa.or_(_a.active.is_(True), _a.id.is_(None))
    signed_in = (
        sa.select(_s.id, _a.role, _a.role.label("agents_role"))
        .join(schema.agents, _a.id == _s.agent_id)
        .where(_s.id.in_(names), _s.ended_at.is_(None), _s.expires_at > at, here)
    )
    with_token = (
        sa.select(_t.id, _t.role, sa.func.coalesce(_a.role, _t.role).label("agents_role"))
        .join(schema.agents, _a.id == _t.agent_id, isouter=True)
        .where(_t.id.in_(names), _t.revoked_at.is_(None), here)
    )
    found = connection.execute(sa.union_all(signed_in, with_token))
    return {name: agents.lesser(role, agents_role) for name, role, agents_role in found}


def prune(connection: Connection, before: datetime, limit: int = 1_000) -> int:
    """Delete at most ``limit`` sessions that were over by ``before``; how many were."""
    over = sa.or_(_s.ended_at < before, _s.expires_at < before)
    doomed = list(connection.execute(sa.select(_s.id).where(over).limit(limit)).scalars())
    if doomed:
        connection.execute(schema.sessions.delete().where(_s.id.in_(doomed)))
    return len(doomed)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
