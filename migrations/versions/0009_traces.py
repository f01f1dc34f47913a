"""Traces of runs and of what waits in the outbox: revision 0009."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("outbox", "runs")


def upgrade() -> None:
    for table in TABLES:
        none = sa.text("''")
        op.add_column(
            table, sa.Column("traceparent", sa.String(55), server_default=none, nullable=False)
        )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_column(table, "traceparent")
