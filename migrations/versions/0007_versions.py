"""Versions of API descriptions, and looking for newer ones: revision 0007."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEW = ("number", "checked_at", "refusal", "every_hours", "due_at")
#: What there is becomes the first version of itself.
FIRST = """
    INSERT INTO versions (id, api_description_id, number, version, dialect, digest,
                          operations_count, changes, created_by, created_at)
    SELECT gen_random_uuid()::text, id, 1, version, dialect, digest, operations_count,
           '{"added": [], "removed": [], "changed": []}'::jsonb, created_by, created_at
    FROM api_descriptions
"""


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("checked_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("refusal", sa.String(4000), server_default="", nullable=False),
        sa.Column("every_hours", sa.Integer(), nullable=True),
        sa.Column("due_at", moment, nullable=True),
    ):
        op.add_column("api_descriptions", column)
    for name in ("number", "refusal"):
        op.alter_column("api_descriptions", name, server_default=None)
    op.create_index("ix_api_descriptions_due_at", "api_descriptions", ["due_at"])
    op.create_table(
        "versions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("api_description_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("dialect", sa.String(10), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("operations_count", sa.Integer(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("created_by", sa.String(36), nullable=True),
        sa.Column("created_at", moment, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_description_id"],
            ["api_descriptions.id"],
            name="fk_versions_api_description_id_api_descriptions",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name="fk_versions_created_by_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.UniqueConstraint(
            "api_description_id", "number", name="uq_versions_api_description_id_number"
        ),
    )
    for name in ("api_description_id", "created_by", "created_at"):
        op.create_index(f"ix_versions_{name}", "versions", [name])
    op.execute(FIRST)


def downgrade() -> None:
    op.drop_table("versions")
    op.drop_index("ix_api_descriptions_due_at", "api_descriptions")
    for name in reversed(NEW):
        op.drop_column("api_descriptions", name)
