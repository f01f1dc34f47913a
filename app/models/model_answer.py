"""Answers of models, kept by what was asked: the same question is paid for once."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Json


class ModelAnswer(Base):
    """What a model said to a question."""

    __tablename__ = "model_answers"

    #: SHA-256 of provider, model, form and question.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: [{"name": …, "intent": …, "pointer": …, "code": …}]
    checks: Mapped[Json]
    created_at: Mapped[CreatedAt]
