"""How strong the checks of cases are: revision 0015."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "runs", sa.Column("changes", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("run_cases", sa.Column("strength", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("run_cases", "strength")
    op.drop_column("runs", "changes")
