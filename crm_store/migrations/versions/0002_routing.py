"""Routing: works, offers, agents' states and desks, conversations' legs, leases; how agents are reached and
queues route. Contacts that wait when this runs have no work yet: whoever leads the routing adds it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)
PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    with op.batch_alter_table("agents") as agents:
        agents.add_column(sa.Column("reach", sa.String(20), server_default="client", nullable=False))
        agents.add_column(sa.Column("sip", sa.String(255), server_default="", nullable=False))
        agents.add_column(sa.Column("capacity", JSON, nullable=True))
        agents.add_column(sa.Column("stand_in_id", sa.String(40), nullable=True))
        agents.add_column(sa.Column("shifts", sa.String(80), server_default="", nullable=False))
        agents.create_foreign_key("fk_agents_stand_in_id", "agents", ["stand_in_id"], ["id"])
    with op.batch_alter_table("queues") as queues:
        queues.add_column(sa.Column("routing", JSON, server_default="{}", nullable=False))
    _create_works()
    _create_offers()
    _create_presence()
    _create_legs()
    op.create_table(
        "leases",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def downgrade() -> None:
    for table in ("leases", "legs", "desks", "presence_log", "agent_states", "offers", "works"):
        op.drop_table(table)
    with op.batch_alter_table("queues") as queues:
        queues.drop_column("routing")
    with op.batch_alter_table("agents") as agents:
        agents.drop_constraint("fk_agents_stand_in_id", type_="foreignkey")
        for column in ("shifts", "stand_in_id", "capacity", "sip", "reach"):
            agents.drop_column(column)


def _create_works() -> None:
    op.create_table(
        "works",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("contact_id", sa.String(40), nullable=True),
        sa.Column("ticket_id", sa.String(40), nullable=True),
        sa.Column("callback_id", sa.String(40), nullable=True),
        sa.Column("for_work", sa.String(40), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("queue", sa.String(80), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("language", sa.String(20), server_default="", nullable=False),
        sa.Column("tier", sa.String(20), server_default="", nullable=False),
        sa.Column("required", JSON, nullable=False),
        sa.Column("preferred", JSON, nullable=False),
        sa.Column("owners", JSON, nullable=False),
        sa.Column("last_agent", sa.String(40), server_default="", nullable=False),
        sa.Column("owner_first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("wanted", sa.String(40), server_default="", nullable=False),
        sa.Column("passed", JSON, nullable=False),
        sa.Column("reason", sa.String(200), server_default="", nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("not_before", INSTANT, nullable=True),
        sa.Column("agent_id", sa.String(40), nullable=True),
        sa.Column("offer_id", sa.String(40), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("held_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(20), server_default="", nullable=False),
        sa.Column("disposition", sa.String(80), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_works_contact_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_works_ticket_id"),
        sa.ForeignKeyConstraint(["callback_id"], ["callbacks.id"], name="fk_works_callback_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_works_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_works"),
    )
    op.create_index("ix_works_contact_id", "works", ["contact_id"])
    op.create_index("ix_works_ticket_id", "works", ["ticket_id"])
    op.create_index("ix_works_callback_id", "works", ["callback_id"])
    op.create_index("ix_works_for_work", "works", ["for_work"])
    op.create_index("ix_works_state_queue", "works", ["state", "queue"])
    op.create_index("ix_works_agent_id_state", "works", ["agent_id", "state"])
    op.create_index("ix_works_due_at", "works", ["due_at"])
    op.create_index("ix_works_ended_at", "works", ["ended_at"])


def _create_offers() -> None:
    op.create_table(
        "offers",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("work_id", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("queue", sa.String(80), server_default="", nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("auto_accept", sa.Boolean(), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_offers_work_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_offers_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
    )
    op.create_index("ix_offers_work_id", "offers", ["work_id"])
    op.create_index(
        "uq_offers_work_id_pending",
        "offers",
        ["work_id"],
        unique=True,
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index("ix_offers_state_expires_at", "offers", ["state", "expires_at"])
    op.create_index("ix_offers_agent_id_offered_at", "offers", ["agent_id", "offered_at"])


def _create_presence() -> None:
    op.create_table(
        "agent_states",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("presence", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(80), server_default="", nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("holding", JSON, nullable=False),
        sa.Column("idle_since", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["agents.id"], name="fk_agent_states_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agent_states"),
    )
    op.create_table(
        "presence_log",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("presence", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(80), server_default="", nullable=False),
        sa.Column("by", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_presence_log_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_presence_log"),
    )
    op.create_index("ix_presence_log_agent_id_at", "presence_log", ["agent_id", "at"])
    op.create_index("ix_presence_log_at", "presence_log", ["at"])
    op.create_table(
        "desks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("node", sa.String(80), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_desks_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_desks"),
    )
    op.create_index("ix_desks_agent_id", "desks", ["agent_id"])
    op.create_index("ix_desks_seen_at", "desks", ["seen_at"])


def _create_legs() -> None:
    op.create_table(
        "legs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("contact_id", sa.String(40), nullable=False),
        sa.Column("work_id", sa.String(40), nullable=True),
        sa.Column("agent_id", sa.String(40), nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(20), server_default="", nullable=False),
        sa.Column("party", sa.String(20), nullable=False),
        sa.Column("address", sa.String(255), nullable=False),
        sa.Column("provider_ref", sa.String(80), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), server_default="", nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("joined_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_legs_contact_id"),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_legs_work_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_legs_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_legs"),
        sa.UniqueConstraint("provider_ref", name="uq_legs_provider_ref"),
    )
    op.create_index("ix_legs_contact_id", "legs", ["contact_id"])
    op.create_index("ix_legs_work_id", "legs", ["work_id"])
    op.create_index("ix_legs_contact_id_state", "legs", ["contact_id", "state"])
