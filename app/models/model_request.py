"""Requests to models: what each took, so that a budget holds whatever dies."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Moment, owned_by


class ModelRequest(Base):
    """One request to a provider; noted before it is sent, and settled when its end is known."""

    __tablename__ = "model_requests"
    __table_args__ = (Index("ix_model_requests_suite_id_asked_at", "suite_id", "asked_at"),)

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    generation_id: Mapped[str | None] = owned_by("generations", optional=True)
    #: "gemini"
    provider: Mapped[str] = mapped_column(String(50))
    model: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[Moment]
    #: What it took; until it is settled, what it may take at most.
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    #: Millionths of a US dollar.
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    #: "asked", "answered", or the name of a trouble: "busy".
    outcome: Mapped[str] = mapped_column(String(20))
