"""API descriptions as they were last read."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, Moment, owned_by


class ApiDescription(Base):
    """An API description, whole, in its newest version."""

    __tablename__ = "api_descriptions"

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(300))
    #: The API's own version.
    version: Mapped[str] = mapped_column(String(100))
    #: "2.0", "3.0", "3.1" or "3.2".
    dialect: Mapped[str] = mapped_column(String(10))
    #: Where it was fetched from; empty for an upload.
    source_url: Mapped[str] = mapped_column(String(2000), default="")
    #: The bytes as received, or the description an import was told as, compressed with zlib.
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: JSON text of the whole contract (see testops.contract), compressed with zlib.
    contract: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: SHA-256 of the document, in hex.
    digest: Mapped[str] = mapped_column(String(64))
    #: List of base URLs.
    servers: Mapped[Json]
    operations_count: Mapped[int]
    #: List of {"pointer", "message"}: what could not be read.
    problems: Mapped[Json]
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
    #: Counts the versions, from 1.
    number: Mapped[int] = mapped_column(default=1)
    #: When somebody last looked whether there is a newer version.
    checked_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: Why the last look failed; empty where it did not.
    refusal: Mapped[str] = mapped_column(String(4000), default="")
    #: Hours between two looks; None where nobody looks by schedule.
    every_hours: Mapped[int | None]
    #: When the schedule looks next.
    due_at: Mapped[Moment | None] = mapped_column(index=True)
