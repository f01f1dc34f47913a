"""Runners: what they told of themselves when they started."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.messages.events import RunnerStarted
from app.models.runner import Runner
from app.services.text import storable, storable_json

#: Containers get a new name with every start; of those that ended nobody hears again.
_KEPT = dt.timedelta(days=30)


def hear(session: Session, started: RunnerStarted) -> None:
    """Note that a runner has started; forget those that did so long ago."""
    session.execute(delete(Runner).where(Runner.started_at < func.now() - _KEPT))
    told = {
        "started_at": func.now(),
        "cage": storable(started.cage, 20),
        "layers": storable_json(started.layers),
    }
    row = insert(Runner).values(name=storable(started.runner, 255), **told)
    session.execute(row.on_conflict_do_update(index_elements=[Runner.name], set_=told))


def list(session: Session) -> Sequence[Runner]:  # noqa: A001 - runners.list reads well
    """All of them, the last to start first."""
    return session.scalars(select(Runner).order_by(Runner.started_at.desc(), Runner.name)).all()
