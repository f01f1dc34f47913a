"""Revisions of cases, what waits to be merged, and archived cases: revision 0014."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
#: What there is becomes the first revision of itself.
FIRST = """
    INSERT INTO revisions (id, case_id, number, script, origin, reason, created_by, created_at)
    SELECT gen_random_uuid()::text, id, 1, script, 'first',
           'As it was when revisions began to be kept.', updated_by, updated_at
    FROM cases
"""


def upgrade() -> None:
    op.add_column("cases", sa.Column("offered_script", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("archived_at", MOMENT, nullable=True))
    reviewed = sa.Column("is_reviewed", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("generations", reviewed)
    op.create_table(
        "revisions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("created_by", sa.String(36), nullable=True),
        sa.Column("created_at", MOMENT, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_revisions_case_id_cases", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name="fk_revisions_created_by_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("case_id", "number", name="uq_revisions_case_id_number"),
    )
    for name in ("case_id", "created_by", "created_at"):
        op.create_index(f"ix_revisions_{name}", "revisions", [name])
    op.execute(FIRST)


def downgrade() -> None:
    op.drop_table("revisions")
    op.drop_column("generations", "is_reviewed")
    op.drop_column("cases", "archived_at")
    op.drop_column("cases", "offered_script")
