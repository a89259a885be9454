"""The desk: what agents keep for themselves."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from crm_store.schema.base import at, id_column, metadata, ref

replies = Table(  # canned replies of one agent's; those of the company are in its configuration
    "replies",
    metadata,
    id_column(),
    ref("agent_id", "agents", nullable=False),
    Column("name", String(40), nullable=False),  # typed as /name
    Column("language", String(20), nullable=False, server_default=""),  # en zh
    Column("queue", String(80), nullable=False, server_default=""),  # '' = in every queue
    Column("text", Text, nullable=False),
    at("updated_at", nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("agent_id", "name", "language", "queue"),
)
