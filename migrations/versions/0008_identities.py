"""Identities of environments: revision 0008."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("environments", "runs")


def upgrade() -> None:
    for table in TABLES:
        none = sa.text("''")
        column = sa.Column("sealed_identities", sa.Text(), server_default=none, nullable=False)
        op.add_column(table, column)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_column(table, "sealed_identities")
