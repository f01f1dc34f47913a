"""Lifts: where somebody ended a quarantine before its time."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, owned_by


class QuarantineLift(Base):
    """A quarantine was lifted at `created_at`; a rebuild goes by it."""

    __tablename__ = "quarantine_lifts"
    __table_args__ = (Index("ix_quarantine_lifts_suite_check", "suite_id", "operation", "check"),)

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    operation: Mapped[str] = mapped_column(String(520))
    check: Mapped[str] = mapped_column(String(300))
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
