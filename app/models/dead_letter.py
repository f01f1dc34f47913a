"""Dead letters: what could not be handled, kept for somebody to look at."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Json, Moment


class DeadLetter(Base):
    """A message as it was when it was put aside, whatever bytes it is made of."""

    __tablename__ = "dead_letters"

    #: Made from the original's place: however often it is put aside, it is one letter.
    id: Mapped[Id]
    #: Where the original lay.
    topic: Mapped[str] = mapped_column(String(249))
    partition: Mapped[int]
    offset: Mapped[int] = mapped_column(BigInteger)
    #: Why it could not be handled.
    reason: Mapped[str] = mapped_column(Text)
    #: How often this message has been put aside: more than once where it was replayed.
    count: Mapped[int]
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: List of names with their values in base64.
    headers: Mapped[Json]
    #: app.services.dead_letters.State
    state: Mapped[str] = mapped_column(String(10))
    died_at: Mapped[Moment]
    created_at: Mapped[CreatedAt]
