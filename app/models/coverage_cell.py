"""Coverage: which operation gave which status with which parameter; kept by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment


class CoverageCell(Base):
    """Requests that all runs of a suite sent, by app.domain.analytics.coverage.Cell."""

    __tablename__ = "coverage_cells"

    suite_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("suites.id", ondelete="CASCADE"), primary_key=True
    )
    operation: Mapped[str] = mapped_column(String(520), primary_key=True)
    status: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Empty for the requests as such.
    parameter: Mapped[str] = mapped_column(String(120), primary_key=True)
    requests: Mapped[int]
    last_run_id: Mapped[str] = mapped_column(String(36))
    last_at: Mapped[Moment]
