"""Generations: attempts to write cases."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, Moment, owned_by


class Generation(Base):
    """One attempt to write the cases of a suite, or some of them."""

    __tablename__ = "generations"

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    #: "offline" or a model provider's name.
    provider: Mapped[str] = mapped_column(String(50))
    prompt: Mapped[str] = mapped_column(Text, default="")
    #: Operation keys asked for, or None for all that were selected when it was performed.
    operations: Mapped[Json]
    #: "all", "missing" or "chosen".
    scope: Mapped[str] = mapped_column(String(20))
    #: app.domain.outcomes.Status
    status: Mapped[str] = mapped_column(String(20), index=True)
    total: Mapped[int] = mapped_column(default=0)
    written: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    #: Why it failed, or what was left out.
    message: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Moment | None]
    #: When its command was last published; the reaper publishes a stale one again.
    published_at: Mapped[Moment | None]
    attempt: Mapped[int] = mapped_column(default=1)
