"""Runs: starting, following and cancelling the execution of cases."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app import tracing
from app.domain import lifecycle
from app.domain.outcomes import Outcome, Status
from app.domain.plans import PlannedCase
from app.domain.results import CaseFinished
from app.errors import ConflictError, InvalidInputError
from app.messages.events import Reported
from app.models.base import new_id
from app.models.case import Case
from app.models.result import Result
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.run_shard import RunShard
from app.models.suite import Suite
from app.services import cases, descriptions, lookup, outbox, paging, results, suites
from app.services.plans import Piece, Planner
from app.services.text import storable
from app.settings import Settings

TOO_LARGE = "The case is too large to be sent to a runner; shorten its script."

#: More would only make a run long: what passes once in so many times is flaky.
MAX_RETRIES = 5

#: More changed answers for one check would take longer than a case may.
MAX_CHANGES = 50

#: What is red comes first.
SEVERITY = (Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED, Outcome.PASSED)


def start(
    session: Session,
    suite_id: str,
    *,
    settings: Settings,
    user_id: str | None = None,
    retries: int = 0,
    cleans_up: bool = True,
    changes: int = 0,
) -> Run:
    """Execute every case of a suite that is not archived.

    A check that is red is run again up to `retries` times.
    `cleans_up` says whether what a case creates and does not delete is deleted after it, `changes`
    with how many changed answers each check is tried to measure its strength.

    Raises NotFoundError, ConflictError where the suite has no case, and InvalidInputError for more
    than MAX_RETRIES or MAX_CHANGES.
    """
    suite = suites.get(session, suite_id)
    found = session.scalars(
        select(Case).where(Case.suite_id == suite.id, cases.IS_ACTIVE).order_by(Case.operation)
    ).all()
    if not found:
        raise ConflictError("The suite has no cases.", where="suite", hint="Generate them first.")
    return _start(
        session,
        suite,
        found,
        settings,
        user_id,
        retries=retries,
        cleans_up=cleans_up,
        changes=changes,
        is_whole=True,
    )


def start_case(
    session: Session,
    case_id: str,
    *,
    settings: Settings,
    user_id: str | None = None,
    retries: int = 0,
    cleans_up: bool = True,
    changes: int = 0,
) -> Run:
    """Execute one case; as `start`."""
    found = cases.get(session, case_id)
    suite = suites.get(session, found.suite_id)
    return _start(
        session,
        suite,
        [found],
        settings,
        user_id,
        retries=retries,
        cleans_up=cleans_up,
        changes=changes,
        is_whole=False,
    )


def _start(
    session: Session,
    suite: Suite,
    chosen: Sequence[Case],
    settings: Settings,
    user_id: str | None,
    *,
    retries: int,
    cleans_up: bool,
    changes: int,
    is_whole: bool,
) -> Run:
    if not 0 <= retries <= MAX_RETRIES:
        raise InvalidInputError(f"From 0 to {MAX_RETRIES}.", where="retries")
    if not 0 <= changes <= MAX_CHANGES:
        raise InvalidInputError(f"From 0 to {MAX_CHANGES}.", where="changes")
    environment = suites.environment(session, suite.id)
    run = Run(
        id=new_id(),
        suite_id=suite.id,
        base_url=environment.base_url,
        sealed_headers=environment.sealed_headers,
        sealed_secrets=environment.sealed_secrets,
        sealed_identities=environment.sealed_identities,
        status=Status.QUEUED,
        retries=retries,
        cleans_up=cleans_up,
        changes=changes,
        is_whole=is_whole,
        cases_total=len(chosen),
        created_by=user_id,
        traceparent=tracing.current(),
    )
    session.add(run)
    session.flush()
    _publish(session, run, chosen, planner(session, run, settings))
    return run


def planner(session: Session, run: Run, settings: Settings) -> Planner:
    """What turns cases of this run into commands."""
    suite = suites.get(session, run.suite_id)
    return Planner(
        run_id=run.id,
        target=suites.target(run, settings),
        contract=descriptions.contract(session, suite.api_description_id),
        settings=settings,
        retries=run.retries,
        cleans_up=run.cleans_up,
        changes=run.changes,
    )


def _publish(session: Session, run: Run, chosen: Sequence[Case], plan: Planner) -> None:
    durations = _durations(session, [found.id for found in chosen])
    pieces = tuple(plan.pieces([_planned(found) for found in chosen], durations))
    session.execute(insert(RunCase), [row for piece in pieces for row in _rows(run.id, piece)])
    session.add_all(
        RunShard(run_id=run.id, number=piece.number, attempt=1, heard_at=func.now())
        for piece in pieces
    )
    session.flush()
    for piece in pieces:
        if piece.command is not None:
            outbox.add_command(session, piece.command)
    give_up(session, run.id, [piece for piece in pieces if piece.command is None])


def _durations(session: Session, case_ids: Sequence[str]) -> dict[str, float]:
    """How long each case took when it last ran to an end, in seconds."""
    rows = session.execute(
        select(RunCase.case_id, RunCase.duration_seconds)
        .ext(distinct_on(RunCase.case_id))
        .where(RunCase.case_id.in_(case_ids), RunCase.status == Status.FINISHED)
        .order_by(RunCase.case_id, RunCase.finished_at.desc())
    )
    return dict(rows.all())


def _planned(found: Case) -> PlannedCase:
    return PlannedCase(found.id, found.operation, found.module, found.script)


def _rows(run_id: str, piece: Piece) -> Sequence[dict[str, object]]:
    return [
        {
            "run_id": run_id,
            "case_id": planned.case_id,
            "shard": piece.number,
            "operation": planned.operation,
            "module": planned.module,
            "script": planned.script,
            "status": Status.QUEUED,
            "message": "",
            "duration_seconds": 0.0,
        }
        for planned in piece.cases
    ]


def give_up(session: Session, run_id: str, pieces: Sequence[Piece]) -> None:
    """Record that cases were too large to be sent."""
    lost = [
        Reported(run_id, piece.number, 1, CaseFinished(one.case_id, Outcome.ERRORED, TOO_LARGE))
        for piece in pieces
        for one in piece.cases
    ]
    results.apply(session, lost)


def get(session: Session, run_id: str) -> Run:
    """One run; raises NotFoundError."""
    return lookup.row(session, Run, run_id)


def list(  # noqa: A001 - read as runs.list
    session: Session,
    *,
    suite_id: str | None = None,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Run]:
    """The runs (of one suite), newest first; raises NotFoundError for the suite."""
    statement = select(Run)
    if suite_id is not None:
        statement = statement.where(Run.suite_id == suites.get(session, suite_id).id)
    order = paging.Order((Run.created_at, Run.id), descending=True)
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def cases_of(session: Session, run_id: str) -> Sequence[RunCase]:
    """The cases of a run with how far they are; raises NotFoundError."""
    run = get(session, run_id)
    return session.scalars(
        select(RunCase).where(RunCase.run_id == run.id).order_by(RunCase.operation)
    ).all()


def case_page(
    session: Session,
    run_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[RunCase]:
    """The cases of a run by their operations; raises NotFoundError."""
    of_run = select(RunCase).where(RunCase.run_id == get(session, run_id).id)
    order = paging.Order((RunCase.operation, RunCase.case_id))
    return paging.page(session, of_run, order, cursor=cursor, limit=limit)


def cancel(session: Session, run_id: str) -> Run:
    """End a run now: what waits is withdrawn, what still arrives is dropped.

    Raises NotFoundError, and ConflictError where the run has ended.
    """
    run = lookup.row(session, Run, run_id, lock=True)
    if not lifecycle.may_become(Status(run.status), Status.CANCELLED):
        raise ConflictError(f"The run is {run.status} already.", where="status")
    outbox.withdraw(session, f"shard-{run.id}-")
    session.execute(
        update(RunCase)
        .where(RunCase.run_id == run.id, RunCase.status.in_((Status.QUEUED, Status.RUNNING)))
        .values(status=Status.CANCELLED, finished_at=func.now())
    )
    results.end(session, run, Status.CANCELLED)
    session.flush()
    return run


def search(
    session: Session,
    run_id: str,
    *,
    outcome: str | None = None,
    q: str = "",
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Result]:
    """The results of a run, what is red first; `q` is looked for in the texts, in any case.

    Raises NotFoundError, and InvalidInputError for an outcome that there is not.
    """
    found = conditions(session, run_id, outcome=outcome, q=q)
    rank = case({value.value: place for place, value in enumerate(SEVERITY)}, value=Result.outcome)
    order = paging.Order((rank, Result.operation, Result.check, Result.id))
    return paging.page(
        session, select(Result).where(and_(*found)), order, cursor=cursor, limit=limit
    )


def conditions(
    session: Session, run_id: str, *, outcome: str | None = None, q: str = ""
) -> Sequence[ColumnElement[bool]]:
    """What a result of the run fulfils that is searched for; raises as `search` does."""
    found = [Result.run_id == get(session, run_id).id]
    if outcome is not None:
        found.append(Result.outcome == _outcome(outcome))
    if q:
        found.append(_mentions(storable(q, 500)))
    return found


def _outcome(text: str) -> Outcome:
    try:
        return Outcome(text)
    except ValueError as error:
        raise InvalidInputError(
            "There is no such outcome.", where="outcome", hint=f"One of: {', '.join(Outcome)}."
        ) from error


def _mentions(q: str) -> ColumnElement[bool]:
    texts = (Result.operation, Result.check, Result.message, Result.intent, Result.traceback)
    return or_(*(text.icontains(q, autoescape=True) for text in texts))
