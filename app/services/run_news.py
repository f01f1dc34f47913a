"""What there is to tell of a run that has ended, or of cases that were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from app.domain import news as rules
from app.domain.news import RED, Kind, Turn
from app.domain.outcomes import Outcome, Status, Totals
from app.models.generation import Generation
from app.models.result import Result
from app.models.run import Run
from app.services.news import Told
from app.services.text import storable

#: Runs before this one in which is looked for how a check ended before.
LOOKED_BACK: Final = 20

#: Red checks that a message names, and characters of what each said.
NAMED: Final = 5
SAID: Final = 200


def of_run(session: Session, run_id: str) -> Told | None:
    """What to tell of a run; None where it has not ended, or is not there."""
    run = session.get(Run, storable(run_id))
    if run is None or run.finished_at is None:
        return None
    turns = _turns(session, run)
    return Told(
        key=f"run:{run.id}",
        suite_id=run.suite_id,
        kinds=rules.of_run(turns, is_cancelled=run.status == Status.CANCELLED),
        title=_title(run, turns),
        text="\n".join((_counts(run), *_named(turns))),
        run_id=run.id,
    )


def _turns(session: Session, run: Run) -> Sequence[Turn]:
    """The checks that are red, flaky, or were red before, what is new first."""
    earlier = _earlier(run)
    found = session.execute(
        select(
            Result.operation,
            Result.check,
            Result.outcome,
            earlier.outcome,
            func.left(Result.message, 10 * SAID),
            Result.is_flaky,
        )
        .join(
            earlier,
            and_(earlier.operation == Result.operation, earlier.check == Result.check),
            isouter=True,
        )
        .where(
            Result.run_id == run.id,
            or_(
                # What is in quarantine is red and fails no run.
                and_(Result.outcome.in_(RED), ~Result.is_quarantined),
                and_(Result.outcome == Outcome.PASSED, earlier.outcome.in_(RED)),
            ),
        )
        .order_by(Result.operation, Result.check)
    )
    turns = [
        Turn(operation, check, Outcome(outcome), Outcome(before) if before else None, said, flaky)
        for operation, check, outcome, before, said, flaky in found
    ]
    return sorted(turns, key=lambda turn: not turn.is_new)


def _earlier(run: Run) -> type[Result]:
    """For each check its newest result before this run that decided it."""
    before = (
        select(Run.id)
        .where(
            Run.suite_id == run.suite_id,
            Run.status == Status.FINISHED,
            Run.finished_at <= run.finished_at,
            Run.id != run.id,
        )
        .order_by(Run.finished_at.desc(), Run.id)
        .limit(LOOKED_BACK)
    )
    newest = (
        select(Result)
        .ext(distinct_on(Result.operation, Result.check))
        .join(Run, Run.id == Result.run_id)
        .where(Result.run_id.in_(before), Result.outcome != Outcome.SKIPPED)
        .order_by(Result.operation, Result.check, Run.finished_at.desc(), Result.id)
    )
    return aliased(Result, newest.subquery())


def _title(run: Run, turns: Sequence[Turn]) -> str:
    if run.status == Status.CANCELLED:
        return "cancelled"
    red = [f"{run.failed} failed"] * bool(run.failed)
    red += [f"{run.errored} errored"] * bool(run.errored)
    if run.failed + run.errored > run.quarantined:
        new = sum(turn.is_new for turn in turns)
        return ", ".join(red) + (f" ({new} new)" if new else "")
    if fixed := sum(turn.is_fixed for turn in turns):
        return f"recovered, {fixed} that {'was' if fixed == 1 else 'were'} red passed again"
    if red:
        return f"nothing red but {run.quarantined} in quarantine"
    return "all passed" if run.passed else "nothing was checked"


def _counts(run: Run) -> str:
    totals = Totals(run.passed, run.failed, run.errored, run.skipped)
    apart = f" In quarantine: {run.quarantined}." if run.quarantined else ""
    return (
        f"{totals.checks} checks against {run.base_url}: {totals.passed} passed, "
        f"{totals.failed} failed, {totals.errored} errored, {totals.skipped} skipped.{apart}"
    )


def _named(turns: Sequence[Turn]) -> Sequence[str]:
    red = [turn for turn in turns if turn.is_red]
    lines = [_line(turn) for turn in red[:NAMED]]
    return [*lines, f"… and {len(red) - NAMED} more"] if len(red) > NAMED else lines


def _line(turn: Turn) -> str:
    marks = " (new)" * turn.is_new + " (flaky)" * turn.is_flaky
    said = next((line.strip() for line in turn.message.splitlines() if line.strip()), "")
    head = " ".join(filter(None, (turn.operation, turn.check))) + marks
    return f"- {head}: {storable(said, SAID)}" if said else f"- {head}"


def of_generation(session: Session, generation_id: str) -> Told | None:
    """What to tell of a generation; None where it has not ended, or is not there."""
    found = session.get(Generation, storable(generation_id))
    if found is None or found.finished_at is None:
        return None
    left_out = f", {found.failed} could not be" if found.failed else ""
    return Told(
        key=f"generation:{found.id}",
        suite_id=found.suite_id,
        kinds=[Kind.GENERATION],
        title=f"{found.written} of {found.total} cases written{left_out}",
        text=found.message,
    )
