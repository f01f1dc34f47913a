"""API descriptions as they were read."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, owned_by


class ApiDescription(Base):
    """One version of an API description, whole."""

    __tablename__ = "api_descriptions"

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(String(300))
    #: The API's own version.
    version: Mapped[str] = mapped_column(String(100))
    #: "2.0", "3.0" or "3.1".
    dialect: Mapped[str] = mapped_column(String(10))
    #: Where it was fetched from; empty for an upload.
    source_url: Mapped[str] = mapped_column(String(2000), default="")
    #: The bytes as received, compressed with zlib.
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: JSON text of the whole contract (see testops.contract), compressed with zlib.
    contract: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: SHA-256 of the bytes as received, in hex.
    digest: Mapped[str] = mapped_column(String(64))
    #: List of base URLs.
    servers: Mapped[Json]
    operations_count: Mapped[int]
    #: List of {"pointer", "message"}: what could not be read.
    problems: Mapped[Json]
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    created_at: Mapped[CreatedAt]
