"""Runs: executions of a suite or of one case against an environment."""

from __future__ import annotations

from sqlalchemy import String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, CreatedAt, Id, Moment, owned_by


class Run(Base):
    """One execution, with its progress."""

    __tablename__ = "runs"

    id: Mapped[Id]
    suite_id: Mapped[str] = owned_by("suites")
    base_url: Mapped[str] = mapped_column(String(2000))
    sealed_headers: Mapped[str] = mapped_column(Text, default="")
    sealed_secrets: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    sealed_identities: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    #: app.domain.outcomes.Status
    status: Mapped[str] = mapped_column(String(20), index=True)
    #: How often a check that is red is run again.
    retries: Mapped[int] = mapped_column(server_default=text("0"))
    #: Whether what a case creates and does not delete is deleted after it.
    cleans_up: Mapped[bool] = mapped_column(server_default=true())
    cases_total: Mapped[int]
    cases_finished: Mapped[int] = mapped_column(default=0)
    passed: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    errored: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    #: Of those that failed or errored: checks in quarantine, for which no run fails.
    quarantined: Mapped[int] = mapped_column(server_default=text("0"))
    #: How many changed answers each check is tried with to measure its strength; 0 for none.
    changes: Mapped[int] = mapped_column(server_default=text("0"))
    #: Whether it is of the whole suite, not of one case.
    is_whole: Mapped[bool] = mapped_column(server_default=true())
    #: Checks that became red, stayed red, and became green again; None before analytics counted it.
    new_red: Mapped[int | None]
    known_red: Mapped[int | None]
    fixed: Mapped[int | None]
    created_by: Mapped[str | None] = owned_by("users", optional=True)
    #: app.tracing: the trace of the request that started it.
    traceparent: Mapped[str] = mapped_column(String(55), server_default=text("''"))
    created_at: Mapped[CreatedAt]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    #: When its results went into the statistics; set once.
    analysed_at: Mapped[Moment | None]
