"""The outbox: what a transaction wants published, kept until the broker has confirmed it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Identity, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt


class OutboxMessage(Base):
    """A command or an event that waits for the relay."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    #: "command" (a Celery task), "event" or "replay" (of a dead letter).
    kind: Mapped[str] = mapped_column(String(10))
    #: Queue or topic.
    topic: Mapped[str] = mapped_column(String(249))
    #: Messages of one key keep their order.
    key: Mapped[str] = mapped_column(String(200))
    #: Task name or event type.
    type: Mapped[str] = mapped_column(String(200))
    #: Task id or event id: the idempotency key on the wire.
    message_id: Mapped[str] = mapped_column(String(200))
    #: JSON: the task's keyword arguments, or the event's body.
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: app.tracing: the trace that it belongs to.
    traceparent: Mapped[str] = mapped_column(String(55), server_default=text("''"))
    created_at: Mapped[CreatedAt]
