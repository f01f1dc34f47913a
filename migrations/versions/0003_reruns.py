"""Checks that are run again: revision 0003."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none = sa.text("'[]'::jsonb")
    reruns = sa.Column("reruns", postgresql.JSONB(), server_default=none, nullable=False)
    op.add_column("results", reruns)
    flaky = sa.Column("is_flaky", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("results", flaky)
    retries = sa.Column("retries", sa.Integer(), server_default=sa.text("0"), nullable=False)
    op.add_column("runs", retries)


def downgrade() -> None:
    op.drop_column("runs", "retries")
    op.drop_column("results", "is_flaky")
    op.drop_column("results", "reruns")
