"""Analytics: tracks, verdicts, quarantine, groups of failures, coverage, alerts: revision 0012."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
EMPTY = sa.text("''")
ZERO = sa.text("0")

#: What columns of check_statistics that there were are from now on without a value.
DEFAULTS = {"runs": ZERO, "passed": ZERO, "last_run_id": EMPTY}

#: Tables that this revision makes, the last first to be dropped.
TABLES = (
    "alert_rules",
    "coverage_cells",
    "anomalies",
    "failure_groups",
    "quarantine_lifts",
    "corrections",
    "verdicts",
    "suite_statistics",
    "operation_statistics",
)


def text(name: str, length: int, *, default: Any = None) -> sa.Column[str]:  # noqa: ANN401 - of SQLAlchemy's many kinds
    return sa.Column(name, sa.String(length), nullable=False, server_default=default)


def created() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("created_by", sa.String(36), nullable=True),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
    )


def key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def of(table: str, column: str, other: str, gone: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=gone)


def new_figures() -> tuple[sa.Column[Any], ...]:
    """What `app.models.tracked` has that check_statistics did not."""
    return (
        sa.Column(
            "window",
            postgresql.JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        text("script", 32, default=EMPTY),
        text("last_good_script", 32, default=EMPTY),
        sa.Column("last_passed_run_id", sa.String(36), nullable=True),
        sa.Column("pass_rate", sa.Float(), nullable=True),
        sa.Column("flip_rate", sa.Float(), server_default=ZERO, nullable=False),
        sa.Column("p50_seconds", sa.Float(), nullable=True),
        sa.Column("p95_seconds", sa.Float(), nullable=True),
    )


def figures() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("runs", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("passed", sa.Integer(), server_default=ZERO, nullable=False),
        text("last_run_id", 36, default=EMPTY),
        sa.Column("last_passed_at", MOMENT, nullable=True),
        sa.Column("failing_since_run_id", sa.String(36), nullable=True),
        sa.Column("failing_since", MOMENT, nullable=True),
        *new_figures(),
    )


def upgrade() -> None:
    change_tables()
    create_statistics()
    create_verdicts()
    create_findings()
    create_alerts()


def change_tables() -> None:
    for column in (
        sa.Column("quarantined", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("is_whole", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("new_red", sa.Integer(), nullable=True),
        sa.Column("known_red", sa.Integer(), nullable=True),
        sa.Column("fixed", sa.Integer(), nullable=True),
    ):
        op.add_column("runs", column)
    quarantined = sa.Column(
        "is_quarantined", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("results", quarantined)
    for column in (
        sa.Column("id", sa.String(36), nullable=True),
        sa.Column("last_result_id", sa.String(36), nullable=True),
        text("fingerprint", 32, default=EMPTY),
        sa.Column("quarantined_at", MOMENT, nullable=True),
        sa.Column("quarantined_until", MOMENT, nullable=True),
        sa.Column("quarantine_reason", sa.Text(), server_default=EMPTY, nullable=False),
        sa.Column("is_retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        *new_figures(),
    ):
        op.add_column("check_statistics", column)
    for name, default in DEFAULTS.items():
        op.alter_column("check_statistics", name, server_default=default)
    op.create_unique_constraint("uq_check_statistics_id", "check_statistics", ["id"])
    op.create_index(
        "ix_check_statistics_quarantined",
        "check_statistics",
        ["suite_id", "quarantined_until"],
        postgresql_where=sa.text("quarantined_until IS NOT NULL"),
    )
    op.create_index(
        "ix_check_statistics_suite_fingerprint", "check_statistics", ["suite_id", "fingerprint"]
    )


def create_statistics() -> None:
    op.create_table(
        "operation_statistics",
        text("suite_id", 36),
        text("operation", 520),
        sa.Column("is_retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        *figures(),
        key("operation_statistics", "suite_id", "operation"),
        of("operation_statistics", "suite_id", "suites"),
    )
    op.create_table(
        "suite_statistics",
        text("suite_id", 36),
        sa.Column("counted_run_id", sa.String(36), nullable=True),
        sa.Column("counted_until", MOMENT, nullable=True),
        *figures(),
        key("suite_statistics", "suite_id"),
        of("suite_statistics", "suite_id", "suites"),
    )


def create_verdicts() -> None:
    op.create_table(
        "verdicts",
        text("result_id", 36),
        text("run_id", 36),
        text("suite_id", 36),
        text("operation", 520),
        text("check", 300),
        text("cause", 20),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        text("fingerprint", 32),
        text("freshness", 10),
        text("since_run_id", 36),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("last_good_run_id", sa.String(36), nullable=True),
        sa.Column("last_good_at", MOMENT, nullable=True),
        key("verdicts", "result_id"),
        of("verdicts", "result_id", "results"),
        of("verdicts", "run_id", "runs"),
        of("verdicts", "suite_id", "suites"),
    )
    op.create_index("ix_verdicts_run_id", "verdicts", ["run_id"])
    op.create_index("ix_verdicts_suite_fingerprint", "verdicts", ["suite_id", "fingerprint"])
    op.create_table(
        "corrections",
        text("id", 36),
        text("suite_id", 36),
        text("operation", 520),
        text("check", 300),
        text("fingerprint", 32),
        text("cause", 20),
        sa.Column("note", sa.Text(), nullable=False),
        *created(),
        key("corrections", "id"),
        of("corrections", "suite_id", "suites"),
        of("corrections", "created_by", "users", "SET NULL"),
        sa.UniqueConstraint(
            "suite_id",
            "operation",
            "check",
            "fingerprint",
            name="uq_corrections_suite_id_operation_check_fingerprint",
        ),
    )
    op.create_table(
        "quarantine_lifts",
        text("id", 36),
        text("suite_id", 36),
        text("operation", 520),
        text("check", 300),
        *created(),
        key("quarantine_lifts", "id"),
        of("quarantine_lifts", "suite_id", "suites"),
        of("quarantine_lifts", "created_by", "users", "SET NULL"),
    )
    for table in ("corrections", "quarantine_lifts"):
        for column in ("suite_id", "created_by", "created_at"):
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        "ix_quarantine_lifts_suite_check",
        "quarantine_lifts",
        ["suite_id", "operation", "check"],
    )


def create_findings() -> None:
    op.create_table(
        "failure_groups",
        text("suite_id", 36),
        text("fingerprint", 32),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        text("first_run_id", 36),
        sa.Column("first_at", MOMENT, nullable=False),
        text("last_run_id", 36),
        sa.Column("last_at", MOMENT, nullable=False),
        key("failure_groups", "suite_id", "fingerprint"),
        of("failure_groups", "suite_id", "suites"),
    )
    op.create_table(
        "anomalies",
        text("run_id", 36),
        text("operation", 520),
        text("check", 300),
        text("measure", 20),
        text("suite_id", 36),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("median", sa.Float(), nullable=False),
        sa.Column("spread", sa.Float(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        key("anomalies", "run_id", "operation", "check", "measure"),
        of("anomalies", "run_id", "runs"),
        of("anomalies", "suite_id", "suites"),
    )
    op.create_index("ix_anomalies_suite_id", "anomalies", ["suite_id"])
    op.create_index("ix_anomalies_suite_at", "anomalies", ["suite_id", "at"])
    op.create_table(
        "coverage_cells",
        text("suite_id", 36),
        text("operation", 520),
        sa.Column("status", sa.Integer(), nullable=False),
        text("parameter", 120),
        sa.Column("requests", sa.Integer(), nullable=False),
        text("last_run_id", 36),
        sa.Column("last_at", MOMENT, nullable=False),
        key("coverage_cells", "suite_id", "operation", "status", "parameter"),
        of("coverage_cells", "suite_id", "suites"),
    )


def create_alerts() -> None:
    op.create_table(
        "alert_rules",
        text("id", 36),
        text("suite_id", 36),
        text("kind", 30),
        text("operation", 520),
        sa.Column("limit", sa.Float(), nullable=False),
        sa.Column("is_raised", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("text", sa.Text(), server_default=EMPTY, nullable=False),
        *created(),
        key("alert_rules", "id"),
        of("alert_rules", "suite_id", "suites"),
        of("alert_rules", "created_by", "users", "SET NULL"),
    )
    for column in ("suite_id", "created_by", "created_at"):
        op.create_index(f"ix_alert_rules_{column}", "alert_rules", [column])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_constraint("uq_check_statistics_id", "check_statistics")
    for column in (*new_figures(), *CHECK_COLUMNS):
        name = column if isinstance(column, str) else column.name
        op.drop_column("check_statistics", name)
    for name in DEFAULTS:
        op.alter_column("check_statistics", name, server_default=None)
    op.drop_column("results", "is_quarantined")
    for name in ("quarantined", "is_whole", "new_red", "known_red", "fixed"):
        op.drop_column("runs", name)


CHECK_COLUMNS = (
    "id",
    "last_result_id",
    "fingerprint",
    "quarantined_at",
    "quarantined_until",
    "quarantine_reason",
    "is_retired",
)
