"""Histories: runs of a suite that have ended one after the other, for tests of analytics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CheckFinished, Event, Exchange, Message, Rerun
from app.models import Run, Suite
from app.services import results, runs
from app.settings import Settings
from tests.factories import rows

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
OUTCOMES = {
    "g": Outcome.PASSED,
    "r": Outcome.FAILED,
    "s": Outcome.FAILED,
    "e": Outcome.ERRORED,
    "-": Outcome.SKIPPED,
}
MESSAGE = "GET http://api.test/pets-1 answered 500 Internal Server Error: expected a success (2xx)."


def at(minute: float) -> dt.datetime:
    """So many minutes after the first run."""
    return START + dt.timedelta(minutes=minute)


def check(
    case_id: str,
    sign: str,
    name: str = "test_a",
    *,
    message: str = MESSAGE,
    seconds: float = 1.0,
    exchanges: Sequence[Exchange] = (),
) -> CheckFinished:
    """How a check ended: g(reen), r(ed), e(rrored), - (skipped), s(haky: green when run again)."""
    outcome = OUTCOMES[sign]
    made = CheckFinished(
        case_id, name, outcome, duration_seconds=seconds, exchanges=tuple(exchanges)
    )
    if sign in "rse":
        made = replace(made, message=message)
    return replace(made, reruns=(Rerun(Outcome.PASSED),)) if sign == "s" else made


def exchange(path: str = "/pets-1", status: int | None = 200, **more: object) -> Exchange:
    """A GET of the tested API, and what came."""
    request = Message((("Accept", "*/*"),), "")
    response = None if status is None else Message((), "")
    values: dict[str, object] = {
        "method": "GET",
        "url": f"{rows.BASE_URL}{path}",
        "request": request,
        "status": status,
        "response": response,
        "duration_seconds": 0.1,
    }
    return Exchange(**(values | more))  # type: ignore[arg-type]  # any field


def finished(
    session: Session,
    suite: Suite,
    settings: Settings,
    minute: float,
    checks: Mapping[str, str],
    **more: object,
) -> Run:
    """A run that ended at a minute: checks by name with their signs, the same in every case."""
    run = runs.start(session, suite.id, settings=settings)
    for case_id in rows.case_ids(session, run.id):
        made = [check(case_id, sign, name, **more) for name, sign in checks.items()]  # type: ignore[arg-type]  # by name
        end(session, run, case_id, *made)
    return place(session, run, minute)


def end(session: Session, run: Run, case_id: str, *checks: CheckFinished) -> None:
    """Have a case of a run end with these checks."""
    worst = next((one.outcome for one in checks if one.message), Outcome.PASSED)
    events: list[Event] = [*checks, CaseFinished(case_id, worst, duration_seconds=1.0)]
    results.apply(session, [rows.reported(run.id, event) for event in events])


def place(session: Session, run: Run, minute: float) -> Run:
    """Have a run have ended at a minute, a second after it began."""
    session.flush()
    session.refresh(run)
    run.created_at = run.started_at = at(minute) - dt.timedelta(seconds=1)
    run.finished_at = at(minute)
    session.flush()
    return run


def history(session: Session, suite: Suite, settings: Settings, signs: str) -> list[Run]:
    """Runs of one check, a minute apart; see `check` for the signs."""
    return [
        finished(session, suite, settings, minute, {"test_a": sign})
        for minute, sign in enumerate(signs)
    ]
