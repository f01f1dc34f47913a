"""Channels: where notifications go."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, owned_by


class Channel(Base):
    """A destination of a suite's notifications; its URL holds secrets and is sealed."""

    __tablename__ = "channels"

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    name: Mapped[str] = mapped_column(String(120))
    #: Apprise URL, sealed.
    sealed_url: Mapped[str] = mapped_column(Text)
    #: "finish" or "failure".
    rule: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[CreatedAt]
