"""What is known of a check over all runs; kept by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment
from app.models.tracked import Tracked


class CheckStatistic(Tracked, Base):
    """How often a check ran and failed, since when it has been failing, and whether it is flaky."""

    __tablename__ = "check_statistics"
    __table_args__ = (
        # Asked at the end of each red run; almost no row is in it.
        Index(
            "ix_check_statistics_quarantined",
            "suite_id",
            "quarantined_until",
            postgresql_where=text("quarantined_until IS NOT NULL"),
        ),
        Index("ix_check_statistics_suite_fingerprint", "suite_id", "fingerprint"),
    )

    suite_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("suites.id", ondelete="CASCADE"), primary_key=True
    )
    operation: Mapped[str] = mapped_column(String(520), primary_key=True)
    check: Mapped[str] = mapped_column(String(300), primary_key=True)
    #: Made from the above: addresses lead to it, also after a rebuild.
    id: Mapped[str | None] = mapped_column(String(36), unique=True)
    last_outcome: Mapped[str] = mapped_column(String(20))
    #: Of its result in the last run, while it is red.
    last_result_id: Mapped[str | None] = mapped_column(String(36))
    fingerprint: Mapped[str] = mapped_column(String(32), server_default=text("''"))
    #: The last quarantine, in force or not.
    quarantined_at: Mapped[Moment | None]
    quarantined_until: Mapped[Moment | None]
    quarantine_reason: Mapped[str] = mapped_column(Text, server_default=text("''"))
    #: Whether its module ran without it: it is not there any more.
    is_retired: Mapped[bool] = mapped_column(server_default=false())
