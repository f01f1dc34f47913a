"""Results: one row for each check of each attempt."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json


class Result(Base):
    """How one check ended."""

    __tablename__ = "results"
    __table_args__ = (
        UniqueConstraint("run_id", "case_id", "check", "attempt"),
        Index("ix_results_run_outcome", "run_id", "outcome"),
    )

    id: Mapped[Id]
    run_id: Mapped[str] = mapped_column(String(36), ForeignKey("runs.id", ondelete="CASCADE"))
    case_id: Mapped[str] = mapped_column(String(36))
    operation: Mapped[str] = mapped_column(String(520))
    #: Function name; empty where the case itself broke.
    check: Mapped[str] = mapped_column(String(300))
    attempt: Mapped[int]
    #: app.domain.outcomes.Outcome
    outcome: Mapped[str] = mapped_column(String(20))
    intent: Mapped[str] = mapped_column(Text, default="")
    message: Mapped[str] = mapped_column(Text, default="")
    traceback: Mapped[str] = mapped_column(Text, default="")
    output: Mapped[str] = mapped_column(Text, default="")
    duration_seconds: Mapped[float] = mapped_column(default=0.0)
    #: List of app.domain.results.Exchange as objects.
    exchanges: Mapped[Json]
    #: List of app.domain.results.Rerun as objects.
    reruns: Mapped[Json] = mapped_column(server_default=text("'[]'::jsonb"))
    #: Whether it passed when it was run again.
    is_flaky: Mapped[bool] = mapped_column(server_default=false())
    #: Whether it is red and was in quarantine when its run ended.
    is_quarantined: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[CreatedAt]
