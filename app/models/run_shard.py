"""The shards of a run: what was published, and when something was last heard of it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment


class RunShard(Base):
    """One published slice of a run."""

    __tablename__ = "run_shards"

    run_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(default=1)
    #: How many of the attempts were given back by runners that left: nothing was wrong with them.
    returned: Mapped[int] = mapped_column(server_default=text("0"))
    #: Publication or last event; the reaper goes by it.
    heard_at: Mapped[Moment] = mapped_column(index=True)
    #: First event of the present attempt; None while it waits in the queue.
    started_at: Mapped[Moment | None]
    #: When the last of its cases had ended.
    finished_at: Mapped[Moment | None]
