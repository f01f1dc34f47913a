"""Tells whoever looks at a run that it has changed, the moment the transaction commits."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

#: The channel of PostgreSQL on which the id of a changed run is announced.
CHANNEL: Final = "testops_changes"


def announce(session: Session, run_id: str) -> None:
    """Announce a change when the transaction commits, once however often it is asked for."""
    session.execute(select(func.pg_notify(CHANNEL, run_id)))
