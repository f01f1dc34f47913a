"""Versions of an API description."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, owned_by


class Version(Base):
    """An API description as it was read once, and what had changed then."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("api_description_id", "number"),)

    id: Mapped[Id]
    api_description_id: Mapped[str] = owned_by("api_descriptions")
    #: Counts from 1.
    number: Mapped[int]
    #: The API's own version.
    version: Mapped[str] = mapped_column(String(100))
    dialect: Mapped[str] = mapped_column(String(10))
    digest: Mapped[str] = mapped_column(String(64))
    operations_count: Mapped[int]
    #: {"added": […], "removed": […], "changed": […]}: keys of operations.
    changes: Mapped[Json]
    #: As in `api_descriptions`, which holds that of the newest version; here it is None then.
    document: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
