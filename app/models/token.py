"""Bearer tokens of the REST API."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Moment, owned_by


class Token(Base):
    """A token of a user; only its digest is kept."""

    __tablename__ = "tokens"

    id: Mapped[Id]
    user_id: Mapped[str] = owned_by("users")
    name: Mapped[str] = mapped_column(String(120))
    #: SHA-256 of the token, in hex; a token has 256 bits of chance, so no salt is needed.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
