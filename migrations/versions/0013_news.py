"""News, who follows which suite, and notifications that are tried again: revision 0013."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
NO_TEXT = sa.text("''")
NOTHING = sa.text("'[]'::jsonb")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_news()
    _create_followers()
    op.add_column("users", sa.Column("notices_seen_at", MOMENT))
    _extend_channels()
    _extend_notifications()


def _create_news() -> None:
    op.create_table(
        "news",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("suite_id", sa.String(36), nullable=False),
        sa.Column("run_id", sa.String(36)),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("kinds", postgresql.JSONB(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["suite_id"], ["suites.id"], name="fk_news_suite_id_suites", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name="fk_news_run_id_runs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_news"),
        sa.UniqueConstraint("key", name="uq_news_key"),
    )
    for column in ("created_at", "run_id", "suite_id"):
        op.create_index(f"ix_news_{column}", "news", [column])
    op.execute(
        "INSERT INTO news (id, key, suite_id, run_id, kind, kinds, title, text, created_at)"
        " SELECT n.id, 'run:' || n.run_id, r.suite_id, n.run_id, 'finish', '[\"finish\"]',"
        " n.title, n.text, n.created_at"
        " FROM notifications n JOIN runs r ON r.id = n.run_id WHERE n.channel_id IS NULL"
    )


def _create_followers() -> None:
    op.create_table(
        "followers",
        sa.Column("suite_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["suite_id"], ["suites.id"], name="fk_followers_suite_id_suites", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_followers_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("suite_id", "user_id", name="pk_followers"),
    )
    op.create_index("ix_followers_user_id", "followers", ["user_id"])
    op.execute(
        "INSERT INTO followers (suite_id, user_id)"
        " SELECT id, created_by FROM suites WHERE created_by IS NOT NULL"
    )


def _extend_channels() -> None:
    service = sa.Column("service", sa.String(20), server_default="webhook", nullable=False)
    op.add_column("channels", service)
    op.add_column(
        "channels", sa.Column("shown", sa.String(300), server_default=NO_TEXT, nullable=False)
    )
    op.add_column(
        "channels",
        sa.Column("rules", postgresql.JSONB(), server_default=NOTHING, nullable=False),
    )
    op.add_column(
        "channels",
        sa.Column("digest_hours", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.alter_column("channels", "rule", server_default=NO_TEXT)
    op.execute("UPDATE channels SET rules = jsonb_build_array(rule)")


def _extend_notifications() -> None:
    op.add_column("notifications", sa.Column("news_id", sa.String(36)))
    op.create_foreign_key(
        "fk_notifications_news_id_news",
        "notifications",
        "news",
        ["news_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.alter_column("notifications", "run_id", nullable=True)
    op.add_column(
        "notifications",
        sa.Column("attempts", postgresql.JSONB(), server_default=NOTHING, nullable=False),
    )
    op.add_column("notifications", sa.Column("due_at", MOMENT, server_default=NOW, nullable=False))
    op.add_column("notifications", sa.Column("claimed_until", MOMENT))
    op.drop_constraint("uq_notifications_run_id_channel_id", "notifications")
    op.create_unique_constraint(
        "uq_notifications_news_id_channel_id", "notifications", ["news_id", "channel_id"]
    )
    op.create_index(
        "ix_notifications_due_at",
        "notifications",
        ["due_at"],
        postgresql_where=sa.text("status = 'pending'"),
    )


def downgrade() -> None:
    op.drop_index("ix_notifications_due_at", "notifications")
    op.drop_constraint("uq_notifications_news_id_channel_id", "notifications")
    op.drop_constraint("fk_notifications_news_id_news", "notifications")
    op.execute("DELETE FROM notifications WHERE run_id IS NULL OR news_id IS NOT NULL")
    for column in ("claimed_until", "due_at", "attempts", "news_id"):
        op.drop_column("notifications", column)
    op.create_unique_constraint(
        "uq_notifications_run_id_channel_id",
        "notifications",
        ["run_id", "channel_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.alter_column("notifications", "run_id", nullable=False)
    op.alter_column("channels", "rule", server_default=None)
    for column in ("digest_hours", "rules", "shown", "service"):
        op.drop_column("channels", column)
    op.drop_column("users", "notices_seen_at")
    op.drop_table("followers")
    op.drop_table("news")
