"""The review list of the chatbot: messages that it did not understand, or was not sure of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bot_reviews",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("wording", sa.String(64), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("language", sa.String(20), server_default="", nullable=False),
        sa.Column("channel", sa.String(20), server_default="", nullable=False),
        sa.Column("intent", sa.String(80), server_default="", nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("runner_up", sa.String(80), server_default="", nullable=False),
        sa.Column("runner_up_confidence", sa.Float(), nullable=False),
        sa.Column("understood", sa.Boolean(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(40), nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("label", sa.String(80), server_default="", nullable=False),
        sa.Column("reviewed_by", sa.String(80), server_default="", nullable=False),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bot_reviews"),
        sa.UniqueConstraint("wording", name="uq_bot_reviews_wording"),
    )
    op.create_index("ix_bot_reviews_status_times", "bot_reviews", ["status", "times"])
    op.create_index("ix_bot_reviews_last_seen_at", "bot_reviews", ["last_seen_at"])


def downgrade() -> None:
    op.drop_table("bot_reviews")
