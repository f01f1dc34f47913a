"""Anomalies: what was far from usual in a run; found by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment, owned_by


class Anomaly(Base):
    """A duration or a pass rate of a suite, an operation or a check."""

    __tablename__ = "anomalies"
    __table_args__ = (Index("ix_anomalies_suite_at", "suite_id", "at"),)

    run_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    )
    #: Empty for the suite as a whole.
    operation: Mapped[str] = mapped_column(String(520), primary_key=True)
    #: Empty for the operation as a whole.
    check: Mapped[str] = mapped_column(String(300), primary_key=True)
    #: app.domain.analytics.anomalies.Measure
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    suite_id: Mapped[str] = owned_by("suites")
    #: Seconds, or a share from 0 to 1; so are the next two.
    value: Mapped[float]
    median: Mapped[float]
    #: Median absolute deviation.
    spread: Mapped[float]
    #: Runs that it was compared with.
    sample: Mapped[int]
    at: Mapped[Moment]
