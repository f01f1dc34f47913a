"""Generations: attempts to write cases."""

from __future__ import annotations

from sqlalchemy import String, Text, false, func
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
    #: What it would change of a case waits until somebody has looked at it.
    is_reviewed: Mapped[bool] = mapped_column(server_default=false())
    #: List of operation keys, fixed when it was asked for, in the order they are written.
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
    #: Publication or last progress; the reaper goes by it.
    heard_at: Mapped[Moment] = mapped_column(server_default=func.now())
    attempt: Mapped[int] = mapped_column(default=1)
