"""Verdicts: why a check of a run is red; made by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Json, Moment, owned_by


class Verdict(Base):
    """What analytics made of one red result; what people say instead is in `corrections`."""

    __tablename__ = "verdicts"
    __table_args__ = (Index("ix_verdicts_suite_fingerprint", "suite_id", "fingerprint"),)

    result_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("results.id", ondelete="CASCADE"), primary_key=True
    )
    run_id: Mapped[str] = owned_by("runs")
    suite_id: Mapped[str] = mapped_column(String(36), ForeignKey("suites.id", ondelete="CASCADE"))
    operation: Mapped[str] = mapped_column(String(520))
    check: Mapped[str] = mapped_column(String(300))
    #: app.domain.analytics.verdicts.Cause
    cause: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    #: List of app.domain.analytics.verdicts.Evidence as objects, the weightiest first.
    evidence: Mapped[Json]
    fingerprint: Mapped[str] = mapped_column(String(32))
    #: "new" or "known": app.domain.analytics.track.Freshness
    freshness: Mapped[str] = mapped_column(String(10))
    #: First bad run of the streak, and the last good one before it.
    since_run_id: Mapped[str] = mapped_column(String(36))
    since: Mapped[Moment]
    last_good_run_id: Mapped[str | None] = mapped_column(String(36))
    last_good_at: Mapped[Moment | None]
