"""Tickets, and what the engine itself needs to run."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from crm_store.schema.base import at, id_column, metadata, ref
from crm_store.types import Json

tickets = Table(
    "tickets",
    metadata,
    id_column(),
    Column(
        "number", String(20), nullable=False, unique=True
    ),  # digits with a check digit, readable over the phone
    Column("category", String(40), nullable=False),  # complaint voicemail request ...
    Column("subject", String(300), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("status", String(20), nullable=False),  # open in_progress waiting resolved closed
    Column("severity", String(20), nullable=False),
    Column("priority", Integer, nullable=False),  # 1 (first) to 4
    Column("queue", String(80), nullable=False, server_default=""),
    Column("contact_back", String(255), nullable=False, server_default=""),
    Column("order_number", String(40), nullable=False, server_default=""),
    Column(
        "open_order_key", String(100), nullable=True, unique=True
    ),  # customer/order while open: the second one joins
    ref("customer_id", "customers", index=True),
    ref("assignee_id", "agents", index=True),
    Column("contact_id", String(40), nullable=True),  # the contact that opened it
    Column("version", Integer, nullable=False),
    at("opened_at", nullable=False),
    at("due_at", nullable=False),
    at("updated_at", nullable=False),
    at("resolved_at"),
    Index("ix_tickets_status_due_at", "status", "due_at"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("ticket_id", String(40), ForeignKey("tickets.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    at("at", nullable=False),
    Column(
        "kind", String(30), nullable=False
    ),  # opened joined claimed noted reassigned resolved reopened closed escalated
    Column("actor", String(80), nullable=False),
    Column("data", Json, nullable=False),
)

ticket_contacts = Table(
    "ticket_contacts",
    metadata,
    Column("ticket_id", String(40), ForeignKey("tickets.id"), primary_key=True),
    Column("contact_id", String(40), primary_key=True, index=True),
)

ticket_links = Table(  # tickets about the same matter; once for both, the smaller id first
    "ticket_links",
    metadata,
    Column("ticket_id", String(40), ForeignKey("tickets.id"), primary_key=True),
    Column("other_id", String(40), ForeignKey("tickets.id"), primary_key=True, index=True),
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("topic", String(60), nullable=False),  # message.send call.redirect webhook ...
    Column("contact_id", String(40), nullable=True),
    Column("payload", Json, nullable=False),
    Column("status", String(20), nullable=False),  # pending done dead
    Column("attempts", Integer, nullable=False),
    Column("error", String(300), nullable=False, server_default=""),
    at("created_at", nullable=False),
    at("next_at"),
    at("done_at"),
    Index("ix_outbox_status_next_at", "status", "next_at"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    id_column(),
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # sha256 of the token
    Column("role", String(20), nullable=False),
    ref("agent_id", "agents"),
    at("created_at", nullable=False),
    at("revoked_at"),
    at("last_used_at"),
)

audit = Table(
    "audit",
    metadata,
    id_column(),
    at("at", nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("data", Json, nullable=False),
    Index("ix_audit_at", "at"),
)
