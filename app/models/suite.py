"""Suites: the tests of one API description."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, owned_by


class Suite(Base):
    """The cases of one API description, under one name."""

    __tablename__ = "suites"

    id: Mapped[Id]
    api_description_id: Mapped[str] = owned_by("api_descriptions")
    name: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
