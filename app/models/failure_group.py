"""Groups of failures that have one fingerprint; kept by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment


class FailureGroup(Base):
    """A failure of a suite, however often and wherever it came."""

    __tablename__ = "failure_groups"

    suite_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("suites.id", ondelete="CASCADE"), primary_key=True
    )
    fingerprint: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    #: Results that had it, in how many runs.
    results: Mapped[int]
    runs: Mapped[int]
    first_run_id: Mapped[str] = mapped_column(String(36))
    first_at: Mapped[Moment]
    last_run_id: Mapped[str] = mapped_column(String(36))
    last_at: Mapped[Moment]
