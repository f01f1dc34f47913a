"""Tells of what analytics noticed in a run; the notifications decide whom."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app import tracing
from app.domain.analytics.found import Confined, Found, Strange
from app.domain.news import Kind
from app.messages.events import Noticed
from app.models.run import Run
from app.services import outbox

#: Lines of a message; what is more is counted.
MAX_LINES = 5


def tell(session: Session, run: Run, found: Found) -> None:
    """Tell of what is unusual and of what went into quarantine, in one event each."""
    with tracing.following(run.traceparent):
        if found.strange:
            _notice(session, run, Kind.ANOMALY, _strange_title(found.strange), _strange(found))
        if found.confined:
            _notice(session, run, Kind.FLAKY, _confined_title(found.confined), _confined(found))


def _notice(session: Session, run: Run, kind: Kind, title: str, lines: Sequence[str]) -> None:
    shown = list(lines[:MAX_LINES])
    if len(lines) > MAX_LINES:
        shown.append(f"… and {len(lines) - MAX_LINES} more.")
    event = Noticed(
        key=f"{kind}:{run.id}",
        suite_id=run.suite_id,
        kind=kind,
        title=title,
        text="\n".join(shown),
        run_id=run.id,
    )
    outbox.add_event(session, event, key=run.suite_id)


def _strange_title(strange: Sequence[Strange]) -> str:
    return "1 anomaly" if len(strange) == 1 else f"{len(strange)} anomalies"


def _strange(found: Found) -> Sequence[str]:
    return [
        f"{' '.join(filter(None, (each.operation, each.check))) or 'The suite'}: "
        f"{each.anomaly.text}"
        for each in found.strange
    ]


def _confined_title(confined: Sequence[Confined]) -> str:
    return f"{len(confined)} flaky check{'s' if len(confined) > 1 else ''} in quarantine"


def _confined(found: Found) -> Sequence[str]:
    return [
        f"{each.operation} {each.check}: {each.quarantine.reason} "
        f"Until {each.quarantine.until:%Y-%m-%d}."
        for each in found.confined
    ]
