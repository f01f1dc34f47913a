"""Alert rules: limits that people set to the figures of a suite, and how these stand."""

from __future__ import annotations

from sqlalchemy import String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Moment, owned_by


class AlertRule(Base):
    """A limit; analytics looks whether it is passed."""

    __tablename__ = "alert_rules"

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    #: app.domain.analytics.alerts.Kind
    kind: Mapped[str] = mapped_column(String(30))
    #: Whose figure; empty for the suite's.
    operation: Mapped[str] = mapped_column(String(520))
    #: A share from 0 to 1, or seconds.
    limit: Mapped[float]
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
    is_raised: Mapped[bool] = mapped_column(server_default=false())
    #: When it was raised or cleared last.
    changed_at: Mapped[Moment | None]
    #: The figure when it was last looked at; None where there was none.
    value: Mapped[float | None]
    looked_at: Mapped[Moment | None]
    #: The figure in words.
    text: Mapped[str] = mapped_column(Text, server_default=text("''"))
