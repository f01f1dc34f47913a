"""Notifications: what was told to which channel, and whether it arrived."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, Moment, owned_by


class Notification(Base):
    """A message about a piece of news, on its way to a channel; a test is of no news."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("news_id", "channel_id"),
        Index("ix_notifications_due_at", "due_at", postgresql_where=sql("status = 'pending'")),
    )

    id: Mapped[Id]
    news_id: Mapped[str | None] = mapped_column(
        String(36), ForeignKey("news.id", ondelete="CASCADE")
    )
    run_id: Mapped[str | None] = mapped_column(
        String(36), ForeignKey("runs.id", ondelete="CASCADE"), index=True
    )
    channel_id: Mapped[str | None] = owned_by("channels", optional=True)
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    #: app.services.notifications.State
    status: Mapped[str] = mapped_column(String(20))
    #: Why it did not arrive, so far or for good.
    error: Mapped[str] = mapped_column(Text, default="")
    #: List of {"at": ISO 8601, "error": text or null while it is not known how it ended}.
    attempts: Mapped[Json] = mapped_column(server_default=sql("'[]'::jsonb"))
    #: When it is to be tried, and until when somebody tries it.
    due_at: Mapped[Moment] = mapped_column(server_default=func.now())
    claimed_until: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]
    delivered_at: Mapped[Moment | None]
