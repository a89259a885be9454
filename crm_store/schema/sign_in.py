"""How people sign in: passwords and sessions."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from crm_store.schema.base import at, id_column, metadata, ref

passwords = Table(  # who has none cannot sign in
    "passwords",
    metadata,
    Column("agent_id", String(40), ForeignKey("agents.id"), primary_key=True),
    Column("hash", String(255), nullable=False),  # argon2id, with its parameters and salt
    at("changed_at", nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    id_column(),
    Column("digest", String(64), nullable=False, unique=True),  # sha256 of the cookie's secret
    ref("agent_id", "agents", nullable=False, index=True),
    Column("address", String(80), nullable=False, server_default=""),
    Column("browser", String(200), nullable=False, server_default=""),
    at("created_at", nullable=False),
    at("seen_at", nullable=False),
    at("expires_at", nullable=False),
    at("ended_at"),
)
