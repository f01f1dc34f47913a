"""What cases leave behind is deleted: revision 0004."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none = sa.text("'[]'::jsonb")
    deletions = sa.Column("deletions", postgresql.JSONB(), server_default=none, nullable=False)
    op.add_column("run_cases", deletions)
    # Runs of before cleaned up after nothing; those to come do.
    cleans_up = sa.Column("cleans_up", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("runs", cleans_up)
    op.alter_column("runs", "cleans_up", server_default=sa.true())


def downgrade() -> None:
    op.drop_column("runs", "cleans_up")
    op.drop_column("run_cases", "deletions")
