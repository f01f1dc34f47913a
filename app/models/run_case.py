"""The cases of a run, as they were when it started."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Json, Moment


class RunCase(Base):
    """One case in one run: the script that was executed, and how far it is."""

    __tablename__ = "run_cases"

    run_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
    )
    #: Not a foreign key: a run's record outlives its case.
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)
    shard: Mapped[int]
    operation: Mapped[str] = mapped_column(String(520))
    module: Mapped[str] = mapped_column(String(200))
    script: Mapped[str] = mapped_column(Text)
    #: app.domain.outcomes.Status
    status: Mapped[str] = mapped_column(String(20))
    #: app.domain.outcomes.Outcome, once final.
    outcome: Mapped[str | None] = mapped_column(String(20))
    #: Why the case itself broke, if it did.
    message: Mapped[str] = mapped_column(Text, default="")
    #: List of app.domain.results.Deletion as objects: how it was cleaned up after.
    deletions: Mapped[Json] = mapped_column(server_default=text("'[]'::jsonb"))
    #: app.domain.strength.CaseSummary as an object, where the run measured it.
    strength: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    duration_seconds: Mapped[float] = mapped_column(default=0.0)
    finished_at: Mapped[Moment | None]
