"""What models are asked, what they answer and what they add: revision 0016."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_requests()
    op.create_table(
        "model_answers",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("checks", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_model_answers"),
    )
    op.create_index("ix_model_answers_created_at", "model_answers", ["created_at"])
    _create_contributions()


def _create_requests() -> None:
    op.create_table(
        "model_requests",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("suite_id", sa.String(36), nullable=False),
        sa.Column("generation_id", sa.String(36)),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["suite_id"],
            ["suites.id"],
            name="fk_model_requests_suite_id_suites",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name="fk_model_requests_generation_id_generations",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_model_requests"),
    )
    for column in ("suite_id", "generation_id"):
        op.create_index(f"ix_model_requests_{column}", "model_requests", [column])
    op.create_index(
        "ix_model_requests_suite_id_asked_at", "model_requests", ["suite_id", "asked_at"]
    )


def _create_contributions() -> None:
    op.create_table(
        "contributions",
        sa.Column("generation_id", sa.String(36), nullable=False),
        sa.Column("operation", sa.String(520), nullable=False),
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("kept", postgresql.JSONB(), nullable=False),
        sa.Column("repaired", postgresql.JSONB(), nullable=False),
        sa.Column("dropped", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name="fk_contributions_generation_id_generations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("generation_id", "operation", name="pk_contributions"),
    )
    for column in ("created_at", "generation_id"):
        op.create_index(f"ix_contributions_{column}", "contributions", [column])


def downgrade() -> None:
    for table in ("contributions", "model_answers", "model_requests"):
        op.drop_table(table)
