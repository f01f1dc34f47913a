"""Cases: one pytest module for one operation."""

from __future__ import annotations

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, Moment, owned_by


class Case(Base):
    """A test module as it stands, and as it was last written by a generation."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("suite_id", "operation"),
        UniqueConstraint("suite_id", "module"),
    )

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    #: "GET /pets/{petId}"
    operation: Mapped[str] = mapped_column(String(520))
    #: File name: "test_get_pets_petid.py"
    module: Mapped[str] = mapped_column(String(200))
    script: Mapped[str] = mapped_column(Text)
    #: What the last generation wrote, but for open conflicts as it was before; differs from
    #: `script` when somebody edited it.
    generated_script: Mapped[str] = mapped_column(Text)
    #: What the last generation wrote, while somebody has to choose what is taken over.
    offered_script: Mapped[str | None] = mapped_column(Text)
    #: List of strings: what the writer could not decide and which input it needs.
    notes: Mapped[Json]
    #: Which provider wrote it.
    provider: Mapped[str] = mapped_column(String(50))
    #: Since when its operation is documented no more; an archived case is not executed.
    archived_at: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Moment]
    updated_by: Mapped[str | None] = owned_by("users", optional=True)
