"""Channels: where notifications go."""

from __future__ import annotations

from sqlalchemy import String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, owned_by


class Channel(Base):
    """A destination of a suite's notifications; its address holds secrets and is sealed."""

    __tablename__ = "channels"

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    name: Mapped[str] = mapped_column(String(120))
    #: app.domain.channels.Service
    service: Mapped[str] = mapped_column(String(20), server_default=text("'webhook'"))
    #: app.domain.channels.Address, sealed.
    sealed_address: Mapped[str] = mapped_column("sealed_url", Text)
    #: The address without its secrets.
    shown: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    #: List of app.domain.news.Kind: what it is told of.
    rules: Mapped[Json] = mapped_column(server_default=text("'[]'::jsonb"))
    #: It gets one message in so many hours at most, with all that happened; 0 for each at once.
    digest_hours: Mapped[int] = mapped_column(server_default=text("0"))
    #: Read by programs older than `rules`.
    rule: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    created_at: Mapped[CreatedAt]
