"""The web chat: who visits, and the files that were sent."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from crm_store.schema.base import at, id_column, metadata, ref

visitors = Table(
    "visitors",
    metadata,
    id_column(),
    Column("digest", String(64), nullable=True, unique=True),  # sha256 of the browser's secret
    Column("subject", String(255), nullable=True, unique=True),  # whom the host site says it is
    ref("customer_id", "customers"),
    Column("name", String(120), nullable=False, server_default=""),
    Column("email", String(255), nullable=False, server_default=""),
    Column("language", String(20), nullable=False, server_default=""),
    at("created_at", nullable=False),
    at("seen_at", nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    id_column(),
    ref("visitor_id", "visitors", nullable=False, index=True),  # whose chat
    ref("message_id", "messages"),  # none until it is sent
    Column("stored_as", String(64), nullable=False, unique=True),  # the file's name on our disk
    Column("name", String(120), nullable=False),  # as people see it
    Column("content_type", String(100), nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    at("created_at", nullable=False),
    Column("agent_id", String(40), nullable=True),  # who sent it; none: the visitor
)
