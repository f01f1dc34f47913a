"""Notifications: what was told to whom, and whether it arrived."""

from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Moment, owned_by


class Notification(Base):
    """One message about one run; without a channel it is the in-app notice."""

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("run_id", "channel_id", postgresql_nulls_not_distinct=True),)

    id: Mapped[Id]
    run_id: Mapped[str] = owned_by("runs")
    channel_id: Mapped[str | None] = owned_by("channels", optional=True)
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    #: "pending", "delivered" or "failed".
    status: Mapped[str] = mapped_column(String(20))
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
    delivered_at: Mapped[Moment | None]
