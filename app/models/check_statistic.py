"""What is known of a check over all runs; kept by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment


class CheckStatistic(Base):
    """How often a check ran and failed, and since when it has been failing."""

    __tablename__ = "check_statistics"

    suite_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("suites.id", ondelete="CASCADE"), primary_key=True
    )
    operation: Mapped[str] = mapped_column(String(520), primary_key=True)
    check: Mapped[str] = mapped_column(String(300), primary_key=True)
    runs: Mapped[int] = mapped_column(default=0)
    passed: Mapped[int] = mapped_column(default=0)
    last_outcome: Mapped[str] = mapped_column(String(20))
    last_run_id: Mapped[str] = mapped_column(String(36))
    last_passed_at: Mapped[Moment | None]
    #: First run of the present streak of red; None while green.
    failing_since_run_id: Mapped[str | None] = mapped_column(String(36))
    failing_since: Mapped[Moment | None]
