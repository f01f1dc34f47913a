"""Tells whoever looks at a run that it has changed, the moment the transaction commits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import String, func, select
from sqlalchemy.orm import Session

from app.services import arrays

#: The channel of PostgreSQL on which the id of a changed run is announced.
CHANNEL: Final = "testops_changes"


def announce(session: Session, run_ids: Collection[str]) -> None:
    """Announce changes when the transaction commits, each once however often it is asked for."""
    changed = arrays.table("changed", {"run_id": String()}, [(run_id,) for run_id in run_ids])
    session.execute(select(func.pg_notify(CHANNEL, changed.c.run_id)))
