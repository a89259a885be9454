"""The desk: agents' own replies and files, tickets about the same matter, how a call stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "replies",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("language", sa.String(20), server_default="", nullable=False),
        sa.Column("queue", sa.String(80), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_replies_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
        sa.UniqueConstraint(
            "agent_id", "name", "language", "queue", name="uq_replies_agent_id_name_language_queue"
        ),
    )
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", sa.String(40), nullable=False),
        sa.Column("other_id", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_links_ticket_id"),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name="fk_ticket_links_other_id"),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name="pk_ticket_links"),
    )
    op.create_index("ix_ticket_links_other_id", "ticket_links", ["other_id"])
    op.add_column("works", sa.Column("muted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("works", sa.Column("recording", sa.String(10), server_default="", nullable=False))
    op.add_column("attachments", sa.Column("agent_id", sa.String(40), nullable=True))


def downgrade() -> None:
    op.drop_column("attachments", "agent_id")
    op.drop_column("works", "recording")
    op.drop_column("works", "muted")
    op.drop_table("ticket_links")
    op.drop_table("replies")
