"""Cases: the test modules of a suite, as written and as edited."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import String, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.models.base import new_id
from app.models.case import Case
from app.models.run_case import RunCase
from app.services import lookup, paging, suites
from app.services.text import storable, storable_name
from app.services.writers import Written

#: Characters of a script; far above what anybody reads.
MAX_SCRIPT = 256 * 1024

#: Cases as people look for them: by path, then by method.
BY_PATH = paging.Order(
    (
        func.substring(Case.operation, func.strpos(Case.operation, " "), type_=String),
        Case.operation,
        Case.id,
    )
)

EDITED_NOTE = "A newer version was generated; the edited script was kept."


@dataclass(frozen=True, slots=True)
class LastOutcome:
    """How a case ended when it last ran."""

    run_id: str
    outcome: str


def get(session: Session, case_id: str) -> Case:
    """One case; raises NotFoundError."""
    return lookup.row(session, Case, case_id)


def list(  # noqa: A001 - read as cases.list
    session: Session, suite_id: str, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> paging.Page[Case]:
    """The cases of a suite by path and method; raises NotFoundError for the suite."""
    suite = suites.get(session, suite_id)
    statement = select(Case).where(Case.suite_id == suite.id)
    return paging.page(session, statement, BY_PATH, cursor=cursor, limit=limit)


def operations_of(session: Session, suite_id: str) -> Collection[str]:
    """Keys of the operations that have a case."""
    return set(session.scalars(select(Case.operation).where(Case.suite_id == suite_id)))


def last_outcomes(session: Session, case_ids: Sequence[str]) -> Mapping[str, LastOutcome]:
    """How each of the cases ended last; those that never ran to an end are left out."""
    rows = session.execute(
        select(RunCase.case_id, RunCase.run_id, RunCase.outcome)
        .ext(distinct_on(RunCase.case_id))
        .where(RunCase.case_id.in_(case_ids), RunCase.outcome.is_not(None))
        .order_by(RunCase.case_id, RunCase.finished_at.desc())
    )
    return {case_id: LastOutcome(run_id, outcome or "") for case_id, run_id, outcome in rows}


def is_edited(case: Case) -> bool:
    """Whether somebody changed what a generation wrote."""
    return case.script != case.generated_script


def save(session: Session, case_id: str, script: str, *, user_id: str | None = None) -> Case:
    """Keep an edited script; raises InvalidInputError with the line that is no Python."""
    check_script(script)
    case = lookup.row(session, Case, case_id, lock=True)
    case.script = script
    case.updated_at = func.now()
    case.updated_by = user_id
    session.flush()
    return case


def check_script(script: str) -> None:
    """Raises InvalidInputError where the script is too long or does not parse as Python."""
    if len(script) > MAX_SCRIPT:
        raise InvalidInputError(
            f"A script may have at most {MAX_SCRIPT} characters.", where="script"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(script)
    except SyntaxError as error:
        raise InvalidInputError(
            f"The script is not Python: {error.msg}.", where=f"line {error.lineno or 1}"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidInputError("The script cannot be read as Python.", where="script") from error


def put(session: Session, suite_id: str, written: Written, *, provider: str) -> Case:
    """Keep what a provider wrote; a script that somebody edited stays beside it."""
    operation = storable(written.operation)
    case = session.scalars(
        select(Case).where(Case.suite_id == suite_id, Case.operation == operation).with_for_update()
    ).one_or_none()
    notes = [storable(note, 2000) for note in written.notes]
    if case is None:
        module = storable_name(written.module, 200)
        case = Case(id=new_id(), suite_id=suite_id, operation=operation, module=module)
        case.script = written.script
        session.add(case)
    elif is_edited(case):
        notes.append(EDITED_NOTE)
    else:
        case.script = written.script
    case.generated_script = written.script
    case.notes = notes
    case.provider = provider
    case.updated_at = func.now()
    session.flush()
    return case
