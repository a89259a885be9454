"""Into which room a leg came: the end of the room before it is not its end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("legs", sa.Column("room_ref", sa.String(80), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("legs", "room_ref")
