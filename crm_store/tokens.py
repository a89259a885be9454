"""API tokens: the secret is shown once and kept only as its SHA-256 (256 random bits need no salt).

A token that acts for an agent lends that agent's rights: it never does more than the agent may today, and
nothing once the agent has left.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import agents, audit, schema
from crm_store.agents import ROLES
from crm_store.errors import NotFound, Refused
from crm_store.ids import Ids
from crm_store.rows import check_choice, check_exists, insert, reader

PREFIX = "cc_"
"""What every token begins with, so that scanners for leaked secrets know one."""

_BYTES = 32
_t = schema.api_tokens.c
_a = schema.agents.c


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `api_tokens` without its digest; whoever holds the secret acts as ``agent_id`` in ``role``."""

    id: str
    name: str
    role: str
    agent_id: str | None
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class CreatedToken(msgspec.Struct, frozen=True):
    """A new token and its ``secret``, which cannot be had again."""

    token: Token
    secret: str


_read = reader(Token)
_ALL = sa.select(*(column for column in _t if column.name != "digest"))
_BY_DIGEST = (
    _ALL.add_columns(_a.role.label("agents_role"))
    .join_from(schema.api_tokens, schema.agents, _a.id == _t.agent_id, isouter=True)
    .where(
        _t.digest == sa.bindparam("digest"),
        _t.revoked_at.is_(None),
        sa.or_(_t.agent_id.is_(None), _a.active.is_(True)),
    )
)


def create(
    connection: Connection,
    name: str,
    role: str,
    *,
    at: datetime,
    ids: Ids,
    actor: str,
    agent_id: str | None = None,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> CreatedToken:
    """Make a token; ``random_bytes`` must be fit for secrets.

    Raises `Refused` for an unknown role or agent, and for a role that is more than the agent's own.
    """
    check_choice("role", role, ROLES)
    if not name.strip():
        raise Refused("a token needs a name that says what it is for")
    check_exists(connection, schema.agents, "agent_id", agent_id)
    if agent_id is not None:
        _check_role(role, agents.get(connection, agent_id).role)
    secret = PREFIX + base64.urlsafe_b64encode(random_bytes(_BYTES)).decode().rstrip("=")
    token = Token(id=ids.new("tok"), name=name, role=role, agent_id=agent_id, created_at=at)
    insert(connection, schema.api_tokens, {**msgspec.structs.asdict(token), "digest": _digest(secret)})
    audit.write(connection, "token.created", token.id, {"role": role}, at=at, ids=ids, actor=actor)
    return CreatedToken(token, secret)


def find_by_secret(connection: Connection, secret: str) -> Token | None:
    """The token with this secret, in the lesser of its role and its agent's present one; None where there is
    none, it was revoked, or its agent has left."""
    if not secret.startswith(PREFIX):
        return None
    row = connection.execute(_BY_DIGEST, {"digest": _digest(secret)}).first()
    if row is None:
        return None
    values = dict(row._mapping)
    agents_role = values.pop("agents_role")
    token = Token(**values)
    if agents_role is None:
        return token
    return msgspec.structs.replace(token, role=agents.lesser(token.role, agents_role))


def touch(connection: Connection, token_id: str, at: datetime) -> None:
    """Note that a token was used; it never goes back in time."""
    connection.execute(
        schema.api_tokens.update()
        .where(_t.id == token_id, sa.or_(_t.last_used_at.is_(None), _t.last_used_at < at))
        .values(last_used_at=at)
    )


def revoke(connection: Connection, token_id: str, *, at: datetime, ids: Ids, actor: str) -> Token:
    """Make a token worthless; one that is already stays as it is. Raises `NotFound`."""
    token = get(connection, token_id)
    if token.revoked_at is not None:
        return token
    connection.execute(schema.api_tokens.update().where(_t.id == token_id).values(revoked_at=at))
    audit.write(connection, "token.revoked", token_id, {}, at=at, ids=ids, actor=actor)
    return msgspec.structs.replace(token, revoked_at=at)


def get(connection: Connection, token_id: str) -> Token:
    """The token with this id. Raises `NotFound`."""
    row = connection.execute(_ALL.where(_t.id == token_id)).first()
    if row is None:
        raise NotFound(f"there is no token {token_id}; `contact-center tokens list` shows them")
    return _read(row)


def list_tokens(connection: Connection) -> list[Token]:
    """All tokens, revoked ones too, oldest first."""
    return [_read(row) for row in connection.execute(_ALL.order_by(_t.created_at, _t.id))]


def _check_role(role: str, agents_role: str) -> None:
    if agents.lesser(role, agents_role) != role:
        raise Refused(
            f"role: this agent is {agents_role}, and a token for somebody never may more; give it the role "
            f"{agents_role}, or leave the agent out where it is a program's own"
        )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
