"""Contributions: what models added to the case of one operation."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Json


class Contribution(Base):
    """What came of asking models for one operation of a generation."""

    __tablename__ = "contributions"

    generation_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    #: "GET /pets/{petId}"
    operation: Mapped[str] = mapped_column(String(520), primary_key=True)
    #: Who wrote what was kept: "gemini", "gemini, openai"; "offline" where nothing was.
    provider: Mapped[str] = mapped_column(String(100))
    #: Names of checks that were added.
    kept: Mapped[Json]
    #: Names of those of them that were put right first.
    repaired: Mapped[Json]
    #: [{"name": …, "problems": […]}]: checks that were not.
    dropped: Mapped[Json]
    #: Why it was not all written by the first provider in the order; empty where it was.
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
