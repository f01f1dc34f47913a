"""Operations of an API description."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Json, owned_by


class Operation(Base):
    """One method on one path, for lists; the details stay in the document."""

    __tablename__ = "operations"
    __table_args__ = (UniqueConstraint("api_description_id", "key"),)

    id: Mapped[Id]
    api_description_id: Mapped[str] = owned_by("api_descriptions")
    #: Order in the document.
    position: Mapped[int]
    #: "GET /pets/{petId}"
    key: Mapped[str] = mapped_column(String(520))
    method: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(500))
    summary: Mapped[str] = mapped_column(String(1000), default="")
    #: JSON pointer into the document.
    pointer: Mapped[str] = mapped_column(String(4000))
    #: List of strings.
    tags: Mapped[Json]
    deprecated: Mapped[bool] = mapped_column(default=False)
