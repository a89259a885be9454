"""Customers and whom they are known by, the people who serve them, and what they have ordered."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from crm_store.schema.base import at, id_column, metadata, ref
from crm_store.types import Json

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False),
    Column("tier", String(20), nullable=False, server_default="standard"),
    ref("owner_id", "agents"),
    at("created_at", nullable=False),
)

customers = Table(
    "customers",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False, server_default=""),
    Column("first_name", String(100), nullable=False, server_default=""),
    Column("language", String(20), nullable=False, server_default=""),  # '' = not known
    Column("tier", String(20), nullable=False, server_default="standard"),  # standard silver gold key
    Column("tags", Json, nullable=False),  # ["..."]
    Column("preferred_channel", String(20), nullable=False, server_default=""),
    Column("preferred_hours", String(100), nullable=False, server_default=""),  # "09:00-12:00 Asia/Shanghai"
    Column("notes", Text, nullable=False, server_default=""),
    ref("account_id", "accounts", index=True),
    ref("owner_id", "agents", index=True),
    Column("merged_into", String(40), ForeignKey("customers.id"), nullable=True, index=True),
    Column("version", Integer, nullable=False, server_default="0"),
    at("created_at", nullable=False),
    at("updated_at", nullable=False),
)

identities = Table(
    "identities",
    metadata,
    id_column(),
    ref("customer_id", "customers", nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # phone email whatsapp web external
    Column("value", String(255), nullable=False),  # normalised: E.164, lower-case e-mail, ...
    Column(
        "evidence", String(40), nullable=False
    ),  # crm_import, said_by_customer, agent, verified, first_contact
    at("verified_at"),
    at("created_at", nullable=False),
    sa.UniqueConstraint("kind", "value"),
)

merges = Table(
    "merges",
    metadata,
    id_column(),
    ref("from_id", "customers", nullable=False, index=True),
    ref("into_id", "customers", nullable=False, index=True),
    Column(
        "moved", Json, nullable=False
    ),  # {"identities": [...], "contacts": [...], ...}: what undo gives back
    Column("reason", String(500), nullable=False, server_default=""),
    Column("actor", String(80), nullable=False),
    at("merged_at", nullable=False),
    at("undone_at"),
    Column("undone_by", String(80), nullable=True),
)

consents = Table(  # per address, known customer or not: opted out means nothing is ever sent there
    "consents",
    metadata,
    Column("kind", String(20), primary_key=True),  # sms whatsapp
    Column("address", String(80), primary_key=True),
    Column("opted_out", Boolean, nullable=False),
    Column("source", String(40), nullable=False),  # keyword, carrier_21610, advanced_opt_out, agent
    at("changed_at", nullable=False),
)

agents = Table(
    "agents",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False),
    Column("email", String(255), nullable=False, unique=True),
    Column("role", String(20), nullable=False),  # agent supervisor administrator
    Column("languages", Json, nullable=False),
    Column("phone", String(80), nullable=False, server_default=""),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    at("created_at", nullable=False),
    Column("reach", String(20), nullable=False, server_default="client"),  # client phone sip
    Column("sip", String(255), nullable=False, server_default=""),
    Column("capacity", Json, nullable=True),  # [{"call": 1}, {"chat": 3}]: alternatives; None = the default
    ref("stand_in_id", "agents"),  # serves this agent's customers meanwhile
    Column("shifts", String(80), nullable=False, server_default=""),  # a calendar; '' = any time
)

skills = Table("skills", metadata, id_column(), Column("name", String(100), nullable=False, unique=True))

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
    id_column(),
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
    id_column(),
    Column("name", String(80), nullable=False, unique=True),
    Column("title", Json, nullable=False),  # {"en": ..., "zh": ...}
    Column("calendar", String(80), nullable=False, server_default="always"),
    Column("max_length", Integer, nullable=False, server_default="1000"),
    Column("max_wait", Integer, nullable=False, server_default="1800"),  # seconds
    Column("service_level", Json, nullable=False),  # {"target": 0.8, "seconds": 20}
    Column("skills", Json, nullable=False),  # {"skill": level required}
    Column("version", Integer, nullable=False, server_default="0"),
    Column("routing", Json, nullable=False, server_default="{}"),  # contact_center.routing.model.QueuePolicy
)

orders = Table(
    "orders",
    metadata,
    id_column(),
    Column("number", String(40), nullable=False, unique=True),
    ref("customer_id", "customers", index=True),
    ref("account_id", "accounts", index=True),
    Column("status", String(30), nullable=False),  # placed paid packed shipped delivered canceled returned
    Column("total_minor", Integer, nullable=False),  # in the currency's minor unit
    Column("currency", String(3), nullable=False),
    Column("items", Json, nullable=False),  # [{"name", "quantity"}]
    at("placed_at", nullable=False),
    at("promised_at"),
    at("updated_at", nullable=False),
)

transactions = Table(
    "transactions",
    metadata,
    id_column(),
    ref("order_id", "orders", nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # payment refund chargeback
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reference", String(80), nullable=False, server_default=""),
    at("at", nullable=False),
)
