"""Corrections: what people say of a failure, in the place of the verdict."""

from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, owned_by


class Correction(Base):
    """The cause that somebody gave to a failure of a check; it holds whenever that comes again."""

    __tablename__ = "corrections"
    __table_args__ = (UniqueConstraint("suite_id", "operation", "check", "fingerprint"),)

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    operation: Mapped[str] = mapped_column(String(520))
    check: Mapped[str] = mapped_column(String(300))
    fingerprint: Mapped[str] = mapped_column(String(32))
    #: app.domain.analytics.verdicts.Cause
    cause: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
