"""Work on its way to agents: what waits, who was asked, who is at work, and who leads."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from crm_store.schema.base import at, id_column, metadata, ref
from crm_store.types import Json

works = Table(
    "works",
    metadata,
    id_column(),
    Column("kind", String(20), nullable=False),  # call chat text ticket callback consult
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=True, index=True),
    Column("ticket_id", String(40), ForeignKey("tickets.id"), nullable=True, index=True),
    Column("callback_id", String(40), ForeignKey("callbacks.id"), nullable=True, index=True),
    Column("for_work", String(40), nullable=True, index=True),
    Column("state", String(20), nullable=False),  # waiting offered connecting active wrap_up done
    Column("queue", String(80), nullable=False, server_default=""),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("language", String(20), nullable=False, server_default=""),
    Column("tier", String(20), nullable=False, server_default=""),
    Column("required", Json, nullable=False),
    Column("preferred", Json, nullable=False),
    Column("owners", Json, nullable=False),
    Column("last_agent", String(40), nullable=False, server_default=""),
    Column("owner_first", Boolean, nullable=False, server_default=sa.false()),
    Column("wanted", String(40), nullable=False, server_default=""),
    Column("passed", Json, nullable=False),  # {agent id: until when it is not offered again}
    Column("reason", String(200), nullable=False, server_default=""),
    at("queued_at", nullable=False),
    at("entered_at", nullable=False),
    at("not_before"),
    ref("agent_id", "agents"),
    Column("offer_id", String(40), nullable=True),
    at("accepted_at"),
    at("held_at"),
    at("due_at"),
    at("ended_at"),
    Column("outcome", String(20), nullable=False, server_default=""),
    Column("disposition", String(80), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Column("muted", Boolean, nullable=False, server_default=sa.false()),  # the agent, in a call
    Column("recording", String(10), nullable=False, server_default=""),  # of a call: on paused
    Index("ix_works_state_queue", "state", "queue"),
    Index("ix_works_agent_id_state", "agent_id", "state"),
    Index("ix_works_due_at", "due_at"),
    Index("ix_works_ended_at", "ended_at"),
    Index("ix_works_queued_at", "queued_at"),
)

offers = Table(
    "offers",
    metadata,
    id_column(),
    Column("work_id", String(40), ForeignKey("works.id"), nullable=False, index=True),
    ref("agent_id", "agents", nullable=False),
    Column("queue", String(80), nullable=False, server_default=""),
    Column("state", String(20), nullable=False),  # pending accepted declined expired revoked
    Column("auto_accept", Boolean, nullable=False),
    at("offered_at", nullable=False),
    at("expires_at", nullable=False),
    at("ended_at"),
    Column("fence", Integer, nullable=False),  # of the lease under which it was made
    Index(
        "uq_offers_work_id_pending",
        "work_id",
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    ),
    Index("ix_offers_state_expires_at", "state", "expires_at"),
    Index("ix_offers_agent_id_offered_at", "agent_id", "offered_at"),
)

agent_states = Table(
    "agent_states",
    metadata,
    Column("id", String(40), ForeignKey("agents.id"), primary_key=True),  # the agent's
    Column("presence", String(20), nullable=False),  # available break not_responding offline
    Column("reason", String(80), nullable=False, server_default=""),
    at("since", nullable=False),
    Column("holding", Json, nullable=False),  # {work id: [kind, stage, since]}
    at("idle_since", nullable=False),
    Column("version", Integer, nullable=False),
)

presence_log = Table(  # every presence an agent has had: for reports, and to replay a day
    "presence_log",
    metadata,
    id_column(),
    ref("agent_id", "agents", nullable=False),
    at("at", nullable=False),
    Column("presence", String(20), nullable=False),
    Column("reason", String(80), nullable=False, server_default=""),
    Column("by", String(20), nullable=False),  # agent engine supervisor
    Index("ix_presence_log_agent_id_at", "agent_id", "at"),
    Index("ix_presence_log_at", "at"),
)

desks = Table(  # one row a connection of a desk; an agent may have several
    "desks",
    metadata,
    id_column(),
    ref("agent_id", "agents", nullable=False, index=True),
    Column("node", String(80), nullable=False),  # the process that holds the connection
    at("opened_at", nullable=False),
    at("seen_at", nullable=False),
    Index("ix_desks_seen_at", "seen_at"),
)

legs = Table(  # who is, or is being brought, into the conversation about a contact
    "legs",
    metadata,
    id_column(),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, index=True),
    Column("work_id", String(40), ForeignKey("works.id"), nullable=True, index=True),
    ref("agent_id", "agents"),
    Column("role", String(20), nullable=False),  # customer agent consulted outside supervisor
    Column("mode", String(20), nullable=False, server_default=""),  # of a supervisor: listen whisper barge
    Column("party", String(20), nullable=False),  # client phone sip call
    Column("address", String(255), nullable=False),
    Column("provider_ref", String(80), nullable=True, unique=True),
    Column("state", String(20), nullable=False),  # placing ringing answered joined left failed
    Column("reason", String(40), nullable=False, server_default=""),  # of left and failed
    Column("held", Boolean, nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("sequence", Integer, nullable=False, server_default="-1"),  # of the newest event heeded
    at("created_at", nullable=False),
    at("joined_at"),
    at("ended_at"),
    Column("version", Integer, nullable=False),
    Column("room_ref", String(80), nullable=False, server_default=""),  # the carrier's id of the room
    Index("ix_legs_contact_id_state", "contact_id", "state"),
)

leases = Table(  # who leads; the fence grows with every new holder
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("fence", Integer, nullable=False),
    at("until", nullable=False),
)
