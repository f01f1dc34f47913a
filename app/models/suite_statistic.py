"""What is known of a suite over all runs; kept by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment
from app.models.tracked import Tracked


class SuiteStatistic(Tracked, Base):
    """The track of a suite: its whole runs. Whoever counts runs of the suite holds this row."""

    __tablename__ = "suite_statistics"

    suite_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("suites.id", ondelete="CASCADE"), primary_key=True
    )
    #: The newest run that was counted, of any kind; None before the first.
    counted_run_id: Mapped[str | None] = mapped_column(String(36))
    counted_until: Mapped[Moment | None]
