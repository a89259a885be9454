"""Tokens for the API, and the audit trail, over the API: for administrators."""

from __future__ import annotations

from contact_center.api.endpoint import Call, Endpoint, Nothing
from contact_center.api.models import staff as shapes
from contact_center.api.models.common import Page, listed
from crm_store import audit, tokens
from crm_store.audit import AuditFilter


async def list_tokens(call: Call[Nothing, Nothing]) -> Page[shapes.Token]:
    return listed(shapes.Token, await call.read(tokens.list_tokens))


async def create_token(call: Call[Nothing, shapes.NewToken]) -> shapes.CreatedToken:
    body = call.body
    made = await call.write(
        lambda connection: tokens.create(connection, body.name, body.role, agent_id=body.agent_id, **call.by)
    )
    row = shapes.Token.model_validate(made.token).model_dump()
    return shapes.CreatedToken(**row, secret=made.secret)


async def revoke_token(call: Call[Nothing, Nothing]) -> shapes.Token:
    revoked = await call.write(lambda connection: tokens.revoke(connection, call.path["token_id"], **call.by))
    return shapes.Token.model_validate(revoked)


async def list_audit(call: Call[shapes.AuditQuery, Nothing]) -> Page[shapes.AuditEntry]:
    asked = call.params
    which = AuditFilter(**asked.model_dump(exclude={"cursor", "limit"}))
    found = await call.read(
        lambda connection: audit.list_entries(connection, which, asked.cursor, asked.limit)
    )
    return Page[shapes.AuditEntry].model_validate(found)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/tokens",
        "administrator",
        "List tokens, revoked ones too, oldest first",
        list_tokens,
        Page[shapes.Token],
    ),
    Endpoint(
        "POST",
        "/tokens",
        "administrator",
        "Make a token; its secret is answered this once",
        create_token,
        shapes.CreatedToken,
        body=shapes.NewToken,
        status=201,
        secret=True,
        refusals=("refused",),
    ),
    Endpoint(
        "DELETE",
        "/tokens/{token_id}",
        "administrator",
        "Revoke a token",
        revoke_token,
        shapes.Token,
        refusals=("not_found",),
    ),
    Endpoint(
        "GET",
        "/audit",
        "administrator",
        "Read who did what, newest first",
        list_audit,
        Page[shapes.AuditEntry],
        params=shapes.AuditQuery,
    ),
)
