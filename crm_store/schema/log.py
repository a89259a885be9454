"""Contacts and everything that is kept of them."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from crm_store.schema.base import at, id_column, metadata, ref
from crm_store.types import Json

contacts = Table(
    "contacts",
    metadata,
    id_column(),
    Column("channel", String(20), nullable=False),  # phone sms whatsapp web console callback
    Column("direction", String(10), nullable=False),  # inbound outbound
    Column(
        "open_key", String(200), nullable=True, unique=True
    ),  # who may write to it while open; None once ended
    Column("provider_ref", String(80), nullable=True, index=True),  # CallSid, console id
    Column("state", String(20), nullable=False),  # in_flow waiting connected ended
    Column("owner", String(20), nullable=False),  # flow bot agent nobody
    ref("customer_id", "customers"),
    Column("from_address", String(255), nullable=False),
    Column("to_address", String(255), nullable=False),
    Column("language", String(20), nullable=False),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("tags", Json, nullable=False),
    Column("flow", String(80), nullable=False),
    Column("flow_digest", String(64), nullable=False),
    Column("session", Text, nullable=False),  # ivr_flows Session as JSON
    Column("version", Integer, nullable=False),  # +1 a commit; a write with an old one is a conflict
    Column("journal_length", Integer, nullable=False),
    Column("turn", Integer, nullable=False),  # number of turns taken; part of action URLs
    at("started_at", nullable=False),
    at("queued_at"),
    at("connected_at"),
    at("ended_at"),
    at("due_at"),  # when the sweep must look at it: a wait's limit, or a call that never ended
    Column("queue", String(80), nullable=True),
    Column("priority", Integer, nullable=False, server_default="0"),
    ref("agent_id", "agents"),
    Column("outcome", String(40), nullable=False, server_default=""),
    Column("end_reason", String(80), nullable=False, server_default=""),
    Index("ix_contacts_due_at", "due_at"),
    Index("ix_contacts_customer_id_started_at", "customer_id", "started_at"),
    Index("ix_contacts_queue_state", "queue", "state"),
    Index("ix_contacts_from_address", "from_address"),
    Index("ix_contacts_started_at_id", "started_at", "id"),
    Index(
        "ix_contacts_open",
        "started_at",
        "id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

journal = Table(
    "journal",
    metadata,
    Column("contact_id", String(40), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    at("at", nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", Json, nullable=False),
    sqlite_with_rowid=False,  # a contact's entries lie together, and a new one dirties one page
)

flow_sources = Table(  # every set of flows that a contact ever ran on: replay needs them
    "flow_sources",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("sources", Json, nullable=False),  # {"front_door": "<yaml>"}
    at("created_at", nullable=False),
)

deliveries = Table(  # a provider's delivery and the reply it got
    "deliveries",
    metadata,
    # The contact first: keys are random, and a million of them in one index would make every write
    # touch a page of its own.
    Column("contact_id", String(40), primary_key=True),  # '' = reports about messages
    Column("key", String(200), primary_key=True),
    Column("turn", Integer, nullable=False),
    Column("reply", Text, nullable=False),  # JSON of contact_center.channels.base.Reply
    at("received_at", nullable=False),
    sqlite_with_rowid=False,
)

messages = Table(
    "messages",
    metadata,
    id_column(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    Column("direction", String(10), nullable=False),  # inbound outbound
    Column("author", String(20), nullable=False),  # customer flow bot agent system
    Column("author_id", String(40), nullable=True),
    Column("text", Text, nullable=False),
    Column("media", Json, nullable=False),  # [{"url", "content_type"}]
    Column("provider_ref", String(80), nullable=True, unique=True),  # MessageSid
    Column(
        "status", String(20), nullable=False
    ),  # received queued sent delivered read failed undelivered blocked
    Column("error", String(80), nullable=False, server_default=""),
    at("at", nullable=False),
    at("status_at"),
)

recordings = Table(
    "recordings",
    metadata,
    id_column(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    Column("provider_ref", String(80), nullable=True, unique=True),  # RecordingSid
    Column("purpose", String(20), nullable=False),  # voicemail conversation
    Column("url", String(500), nullable=False, server_default=""),
    Column("status", String(20), nullable=False),  # in_progress completed absent failed
    Column("seconds", Float, nullable=False, server_default="0"),
    Column("transcript", Text, nullable=False, server_default=""),
    at("started_at", nullable=False),
    at("completed_at"),
)

surveys = Table(
    "surveys",
    metadata,
    id_column(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    Column("survey", String(80), nullable=False),
    Column("score", Integer, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    at("at", nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    id_column(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    ref("customer_id", "customers"),
    Column("queue", String(80), nullable=False),
    Column("number", String(40), nullable=False),
    Column("status", String(20), nullable=False),  # waiting offered done canceled
    at("queued_at", nullable=False),
    at("due_at"),
    at("created_at", nullable=False),
    Index("ix_callbacks_queue_status", "queue", "status"),
)
