"""Cases: the test modules of a suite, as written and as edited."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import String, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.domain.scripts import parts
from app.errors import InvalidInputError
from app.models.base import new_id
from app.models.case import Case
from app.models.operation import Operation
from app.models.run_case import RunCase
from app.models.suite import Suite
from app.services import lookup, merges, paging, revisions, suites
from app.services.revisions import Origin
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

#: Its operation is documented.
IS_ACTIVE = Case.archived_at.is_(None)
#: It is documented no more.
IS_ARCHIVED = Case.archived_at.is_not(None)
#: What was generated waits beside it for somebody to choose.
IS_WAITING = Case.offered_script.is_not(None)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants cases written, and how."""

    user_id: str | None = None
    #: What to mind besides the description.
    instruction: str = ""
    #: What it would change of a case waits until somebody has looked at it.
    is_reviewed: bool = False


_NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class LastOutcome:
    """How a case ended when it last ran."""

    run_id: str
    outcome: str


def get(session: Session, case_id: str) -> Case:
    """One case; raises NotFoundError."""
    return lookup.row(session, Case, case_id)


def list(  # noqa: A001 - read as cases.list
    session: Session,
    suite_id: str,
    *,
    archived: bool = False,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Case]:
    """The cases of a suite, or those archived, by path and method; NotFoundError for the suite."""
    suite = suites.get(session, suite_id)
    statement = select(Case).where(
        Case.suite_id == suite.id, IS_ARCHIVED if archived else IS_ACTIVE
    )
    return paging.page(session, statement, BY_PATH, cursor=cursor, limit=limit)


def operations_of(session: Session, suite_id: str) -> frozenset[str]:
    """Keys of the operations that have a case which is not archived."""
    of_suite = select(Case.operation).where(Case.suite_id == suite_id, IS_ACTIVE)
    return frozenset(session.scalars(of_suite))


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


def save(
    session: Session, case_id: str, script: str, *, reason: str = "", user_id: str | None = None
) -> Case:
    """Keep an edited script; raises InvalidInputError with the line that is no Python."""
    check_script(script)
    case = lookup.row(session, Case, case_id, lock=True)
    case.script = script
    case.updated_at = func.now()
    case.updated_by = user_id
    revisions.keep(session, case, Origin.EDITED, reason or "Edited.", user_id=user_id)
    session.flush()
    return case


def check_script(script: str) -> None:
    """Raises InvalidInputError where the script is too long or does not parse as Python."""
    if len(script) > MAX_SCRIPT:
        raise InvalidInputError(
            f"A script may have at most {MAX_SCRIPT} characters.", where="script"
        )
    parts.parse(script)


def put(
    session: Session, suite_id: str, written: Written, *, provider: str, wish: Wish = _NO_WISH
) -> Case:
    """Keep what a provider wrote, merged with what was edited; an archived case is so no more."""
    operation = storable(written.operation)
    case = session.scalars(
        select(Case).where(Case.suite_id == suite_id, Case.operation == operation).with_for_update()
    ).one_or_none()
    if case is None:
        module = _free_module(session, suite_id, storable_name(written.module, 200))
        case = Case(id=new_id(), suite_id=suite_id, operation=operation, module=module)
        case.script = case.generated_script = written.script
        session.add(case)
        told = ""
    else:
        told = (merges.offer if wish.is_reviewed else merges.take)(case, written.script)
    case.notes = [storable(note, 2000) for note in written.notes]
    case.provider = provider
    case.updated_at = func.now()
    case.archived_at = None
    session.flush()
    origin = Origin.MERGED if is_edited(case) else Origin.GENERATED
    asked = f" Instruction: {wish.instruction}" if wish.instruction else ""
    reason = f"Written by the provider {provider}{told}.{asked}"
    revisions.keep(session, case, origin, reason, user_id=wish.user_id)
    return case


def _free_module(session: Session, suite_id: str, module: str) -> str:
    """The file name; where an archived case of the suite has it, one that is free."""
    taken = set(session.scalars(select(Case.module).where(Case.suite_id == suite_id)))
    stem = module.removesuffix(".py")
    names = (f"{stem[:180]}_{number}.py" for number in itertools.count(2))
    return next(name for name in itertools.chain([module], names) if name not in taken)


def waiting_count(session: Session, suite_id: str) -> int:
    """How many cases of a suite wait for somebody to choose what they take over."""
    of_suite = (Case.suite_id == suite_id, IS_ACTIVE, IS_WAITING)
    return session.scalar(select(func.count()).where(*of_suite)) or 0


def archive_gone(session: Session, suite: Suite) -> int:
    """Archive the cases whose operation is documented no more, and count them."""
    documented = select(Operation.key).where(
        Operation.api_description_id == suite.api_description_id
    )
    gone: Sequence[Case] = session.scalars(
        select(Case)
        .where(Case.suite_id == suite.id, IS_ACTIVE, Case.operation.not_in(documented))
        .order_by(Case.id)
        .with_for_update()
    ).all()
    for case in gone:
        case.archived_at = func.now()
    session.flush()
    return len(gone)
