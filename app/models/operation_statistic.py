"""What is known of an operation over all runs; kept by analytics."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.models.tracked import Tracked


class OperationStatistic(Tracked, Base):
    """The track of an operation: its case, run for run."""

    __tablename__ = "operation_statistics"

    suite_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("suites.id", ondelete="CASCADE"), primary_key=True
    )
    operation: Mapped[str] = mapped_column(String(520), primary_key=True)
    #: Whether the whole suite ran without it.
    is_retired: Mapped[bool] = mapped_column(server_default=false())
