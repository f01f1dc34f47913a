"""Shards that runners give back: revision 0005."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    returned = sa.Column("returned", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("run_shards", returned)


def downgrade() -> None:
    op.drop_column("run_shards", "returned")
