"""What is kept of a track, whatever it is of: columns that several tables share."""

from __future__ import annotations

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Json, Moment


class Tracked:
    """The columns of `app.domain.analytics.track.Track`, and the figures it comes to."""

    runs: Mapped[int] = mapped_column(server_default=text("0"))
    #: Runs in which nothing was red.
    passed: Mapped[int] = mapped_column(server_default=text("0"))
    #: The newest runs, oldest first, a list each (see app.services.tracks).
    window: Mapped[Json] = mapped_column(server_default=text("'[]'::jsonb"))
    #: Digest of the script that ran last, and of the one it last passed with.
    script: Mapped[str] = mapped_column(String(32), server_default=text("''"))
    last_good_script: Mapped[str] = mapped_column(String(32), server_default=text("''"))
    last_run_id: Mapped[str] = mapped_column(String(36), server_default=text("''"))
    last_passed_run_id: Mapped[str | None] = mapped_column(String(36))
    last_passed_at: Mapped[Moment | None]
    #: First run of the present streak of red; None while green.
    failing_since_run_id: Mapped[str | None] = mapped_column(String(36))
    failing_since: Mapped[Moment | None]
    #: Of the window: shares from 0 to 1, and seconds.
    pass_rate: Mapped[float | None]
    flip_rate: Mapped[float] = mapped_column(server_default=text("0"))
    p50_seconds: Mapped[float | None]
    p95_seconds: Mapped[float | None]
