"""Every table of the store. Names are the field's own terms; times are aware UTC.

Migrations (crm_store/migrations) create exactly this; a test holds the two together.
Ids are made by the caller (`contact_center.ids`): sortable by time, so that new rows land at the
end of every index and a large store writes as fast as a small one.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from crm_store.types import Json, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", String(40), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = True, index: bool = False) -> Column[str]:
    return Column(name, String(40), ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _at(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, UtcDateTime, nullable=nullable)


# --- people and organisations -------------------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("tier", String(20), nullable=False, server_default="standard"),
    _ref("owner_id", "agents"),
    _at("created_at", nullable=False),
)

customers = Table(
    "customers",
    metadata,
    _id(),
    Column("name", String(200), nullable=False, server_default=""),
    Column("first_name", String(100), nullable=False, server_default=""),
    Column("language", String(20), nullable=False, server_default=""),  # '' = not known
    Column("tier", String(20), nullable=False, server_default="standard"),  # standard silver gold key
    Column("tags", Json, nullable=False),  # ["..."]
    Column("preferred_channel", String(20), nullable=False, server_default=""),
    Column("preferred_hours", String(100), nullable=False, server_default=""),  # "09:00-12:00 Asia/Shanghai"
    Column("notes", Text, nullable=False, server_default=""),
    _ref("account_id", "accounts", index=True),
    _ref("owner_id", "agents", index=True),
    Column("merged_into", String(40), ForeignKey("customers.id"), nullable=True, index=True),
    Column("version", Integer, nullable=False, server_default="0"),
    _at("created_at", nullable=False),
    _at("updated_at", nullable=False),
)

identities = Table(
    "identities",
    metadata,
    _id(),
    _ref("customer_id", "customers", nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # phone email whatsapp web external
    Column("value", String(255), nullable=False),  # normalised: E.164, lower-case e-mail, ...
    Column(
        "evidence", String(40), nullable=False
    ),  # crm_import, said_by_customer, agent, verified, first_contact
    _at("verified_at"),
    _at("created_at", nullable=False),
    sa.UniqueConstraint("kind", "value"),
)

merges = Table(
    "merges",
    metadata,
    _id(),
    _ref("from_id", "customers", nullable=False, index=True),
    _ref("into_id", "customers", nullable=False, index=True),
    Column(
        "moved", Json, nullable=False
    ),  # {"identities": [...], "contacts": [...], ...}: what undo gives back
    Column("reason", String(500), nullable=False, server_default=""),
    Column("actor", String(80), nullable=False),
    _at("merged_at", nullable=False),
    _at("undone_at"),
    Column("undone_by", String(80), nullable=True),
)

consents = Table(  # per address, known customer or not: opted out means nothing is ever sent there
    "consents",
    metadata,
    Column("kind", String(20), primary_key=True),  # sms whatsapp
    Column("address", String(80), primary_key=True),
    Column("opted_out", Boolean, nullable=False),
    Column("source", String(40), nullable=False),  # keyword, carrier_21610, advanced_opt_out, agent
    _at("changed_at", nullable=False),
)

agents = Table(
    "agents",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("email", String(255), nullable=False, unique=True),
    Column("role", String(20), nullable=False),  # agent supervisor administrator
    Column("languages", Json, nullable=False),
    Column("phone", String(80), nullable=False, server_default=""),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    _at("created_at", nullable=False),
)

skills = Table("skills", metadata, _id(), Column("name", String(100), nullable=False, unique=True))

agent_skills = Table(
    "agent_skills",
    metadata,
    Column("agent_id", String(40), ForeignKey("agents.id"), primary_key=True),
    Column("skill_id", String(40), ForeignKey("skills.id"), primary_key=True),
    Column("level", Integer, nullable=False),  # 1 (learning) to 10 (expert)
)

calendars = Table(
    "calendars",
    metadata,
    _id(),
    Column("name", String(80), nullable=False, unique=True),
    Column("timezone", String(60), nullable=False),
    Column("weekly", Json, nullable=False),  # as in ivr_flows.calendar.BusinessCalendar
    Column("holidays", Json, nullable=False),
    Column("special", Json, nullable=False),
    Column("country", String(10), nullable=False, server_default=""),
)

queues = Table(
    "queues",
    metadata,
    _id(),
    Column("name", String(80), nullable=False, unique=True),
    Column("title", Json, nullable=False),  # {"en": ..., "zh": ...}
    Column("calendar", String(80), nullable=False, server_default="always"),
    Column("max_length", Integer, nullable=False, server_default="1000"),
    Column("max_wait", Integer, nullable=False, server_default="1800"),  # seconds
    Column("service_level", Json, nullable=False),  # {"target": 0.8, "seconds": 20}
    Column("skills", Json, nullable=False),  # {"skill": level required}
    Column("forward_to", String(80), nullable=False, server_default=""),  # number rung for each waiting call
    Column("version", Integer, nullable=False, server_default="0"),
)

# --- orders --------------------------------------------------------------------------------------

orders = Table(
    "orders",
    metadata,
    _id(),
    Column("number", String(40), nullable=False, unique=True),
    _ref("customer_id", "customers", index=True),
    _ref("account_id", "accounts", index=True),
    Column("status", String(30), nullable=False),  # placed paid packed shipped delivered canceled returned
    Column("total_minor", Integer, nullable=False),  # in the currency's minor unit
    Column("currency", String(3), nullable=False),
    Column("items", Json, nullable=False),  # [{"name", "quantity"}]
    _at("placed_at", nullable=False),
    _at("promised_at"),
    _at("updated_at", nullable=False),
)

transactions = Table(
    "transactions",
    metadata,
    _id(),
    _ref("order_id", "orders", nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # payment refund chargeback
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reference", String(80), nullable=False, server_default=""),
    _at("at", nullable=False),
)

# --- contacts and their log ------------------------------------------------------------------------

contacts = Table(
    "contacts",
    metadata,
    _id(),
    Column("channel", String(20), nullable=False),  # phone sms whatsapp web console callback
    Column("direction", String(10), nullable=False),  # inbound outbound
    Column(
        "open_key", String(200), nullable=True, unique=True
    ),  # who may write to it while open; None once ended
    Column("provider_ref", String(80), nullable=True, index=True),  # CallSid, console id
    Column("state", String(20), nullable=False),  # in_flow waiting connected ended
    Column("owner", String(20), nullable=False),  # flow bot agent nobody
    _ref("customer_id", "customers"),
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
    _at("started_at", nullable=False),
    _at("queued_at"),
    _at("connected_at"),
    _at("ended_at"),
    _at("due_at"),  # when the sweep must look at it: a wait's limit, or a call that never ended
    Column("queue", String(80), nullable=True),
    Column("priority", Integer, nullable=False, server_default="0"),
    _ref("agent_id", "agents"),
    Column("outcome", String(40), nullable=False, server_default=""),
    Column("end_reason", String(80), nullable=False, server_default=""),
    Index("ix_contacts_due_at", "due_at"),
    Index("ix_contacts_customer_id_started_at", "customer_id", "started_at"),
    Index("ix_contacts_queue_state", "queue", "state"),
    Index("ix_contacts_from_address", "from_address"),
    Index("ix_contacts_started_at_id", "started_at", "id"),
)

journal = Table(
    "journal",
    metadata,
    Column("contact_id", String(40), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _at("at", nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", Json, nullable=False),
    sqlite_with_rowid=False,  # a contact's entries lie together, and a new one dirties one page
)

flow_sources = Table(  # every set of flows that a contact ever ran on: replay needs them
    "flow_sources",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("sources", Json, nullable=False),  # {"front_door": "<yaml>"}
    _at("created_at", nullable=False),
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
    _at("received_at", nullable=False),
    sqlite_with_rowid=False,
)

messages = Table(
    "messages",
    metadata,
    _id(),
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
    _at("at", nullable=False),
    _at("status_at"),
)

recordings = Table(
    "recordings",
    metadata,
    _id(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    Column("provider_ref", String(80), nullable=True, unique=True),  # RecordingSid
    Column("purpose", String(20), nullable=False),  # voicemail conversation
    Column("url", String(500), nullable=False, server_default=""),
    Column("status", String(20), nullable=False),  # in_progress completed absent failed
    Column("seconds", Float, nullable=False, server_default="0"),
    Column("transcript", Text, nullable=False, server_default=""),
    _at("started_at", nullable=False),
    _at("completed_at"),
)

surveys = Table(
    "surveys",
    metadata,
    _id(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    Column("survey", String(80), nullable=False),
    Column("score", Integer, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    _at("at", nullable=False),
)

callbacks = Table(
    "callbacks",
    metadata,
    _id(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    _ref("customer_id", "customers"),
    Column("queue", String(80), nullable=False),
    Column("number", String(40), nullable=False),
    Column("status", String(20), nullable=False),  # waiting offered done canceled
    _at("queued_at", nullable=False),
    _at("due_at"),
    _at("created_at", nullable=False),
    Index("ix_callbacks_queue_status", "queue", "status"),
)

# --- tickets -----------------------------------------------------------------------------------------

tickets = Table(
    "tickets",
    metadata,
    _id(),
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
    _ref("customer_id", "customers", index=True),
    _ref("assignee_id", "agents", index=True),
    Column("contact_id", String(40), nullable=True),  # the contact that opened it
    Column("version", Integer, nullable=False),
    _at("opened_at", nullable=False),
    _at("due_at", nullable=False),
    _at("updated_at", nullable=False),
    _at("resolved_at"),
    Index("ix_tickets_status_due_at", "status", "due_at"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("ticket_id", String(40), ForeignKey("tickets.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _at("at", nullable=False),
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

# --- the engine's own ----------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("topic", String(60), nullable=False),  # message.send call.redirect webhook ...
    Column("contact_id", String(40), nullable=True),
    Column("payload", Json, nullable=False),
    Column("status", String(20), nullable=False),  # pending done dead
    Column("attempts", Integer, nullable=False),
    Column("error", String(300), nullable=False, server_default=""),
    _at("created_at", nullable=False),
    _at("next_at"),
    _at("done_at"),
    Index("ix_outbox_status_next_at", "status", "next_at"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # sha256 of the token
    Column("role", String(20), nullable=False),
    _ref("agent_id", "agents"),
    _at("created_at", nullable=False),
    _at("revoked_at"),
    _at("last_used_at"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _at("at", nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("data", Json, nullable=False),
    Index("ix_audit_at", "at"),
)
