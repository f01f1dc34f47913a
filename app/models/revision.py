"""Revisions of cases: every script that a case ever had."""

from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, owned_by


class Revision(Base):
    """A script of a case as it stood from a moment on: who put it there, and why."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[Id]
    case_id: Mapped[str] = owned_by("cases")
    #: Counts from 1.
    number: Mapped[int]
    script: Mapped[str] = mapped_column(Text)
    #: app.services.revisions.Origin
    origin: Mapped[str] = mapped_column(String(20))
    #: What was done, in a sentence; or what its author says.
    reason: Mapped[str] = mapped_column(String(1000))
    #: For what a generation did, who asked for it.
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
