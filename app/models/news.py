"""News: what happened that people may want to be told of."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, owned_by


class News(Base):
    """Something that happened to a suite, once; the bell of those who follow it shows it."""

    __tablename__ = "news"

    id: Mapped[Id]
    #: What is told once.
    key: Mapped[str] = mapped_column(String(200), unique=True)
    suite_id: Mapped[str] = owned_by("suites")
    run_id: Mapped[str | None] = mapped_column(
        String(36), ForeignKey("runs.id", ondelete="CASCADE"), index=True
    )
    #: app.domain.news.Kind: what heads it, and everything that it is.
    kind: Mapped[str] = mapped_column(String(20))
    kinds: Mapped[Json]
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
