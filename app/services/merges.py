"""Merges of cases: what was generated anew with what was edited, and settling their conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.scripts import merging
from app.domain.scripts.deciding import NO_CHOICES, Choices, Fate, Side
from app.domain.scripts.merging import Merge
from app.errors import ConflictError, InvalidInputError
from app.models.case import Case
from app.models.generation import Generation
from app.services import lookup, revisions
from app.services.revisions import Origin
from app.services.text import storable

#: What is told of a merge; that something stays as it was is no news.
_TOLD = (
    Fate.UPDATED,
    Fate.ADDED,
    Fate.REMOVED,
    Fate.JOINED,
    Fate.NEEDED,
    Fate.SETTLED,
    Fate.DECLINED,
    Fate.CONFLICT,
)


#: Newer ones than the one that came to a case, at most; nobody asks for more at a time.
_GENERATIONS = 20
#: Characters of a revision's reason for what was chosen, and for what had been asked for.
_CHOICES_LENGTH = 300
_INSTRUCTION_LENGTH = 600


def take(case: Case, generated: str) -> str:
    """Merge what was generated into a case; what came of it, as words that end a sentence.

    Where there are conflicts the edited text stands, and what was generated waits beside it.
    """
    return _apply(case, generated, merging.merge(case.generated_script, case.script, generated))


def offer(case: Case, generated: str) -> str:
    """Have what was generated wait beside the case until somebody has looked at what it changes.

    Where it changes nothing that anybody would see, it is taken.
    """
    if merging.merge(case.generated_script, case.script, generated).text == case.script:
        return take(case, generated)
    case.offered_script = generated
    return ""


def waiting(case: Case) -> Merge | None:
    """The merge that waits for somebody to choose; None where nothing does."""
    if case.offered_script is None:
        return None
    return merging.merge(case.generated_script, case.script, case.offered_script)


def settle(
    session: Session, case_id: str, choices: Mapping[str, str], *, user_id: str | None = None
) -> Case:
    """Choose sides of conflicts and offers by their keys ("edited", "generated").

    A conflict that is not named goes on waiting; an offer that is not named is taken. Raises
    NotFoundError, ConflictError where nothing waits, and InvalidInputError for a choice that there
    is not or that comes to no Python.
    """
    case = lookup.row(session, Case, case_id, lock=True)
    open_, generated = waiting(case), case.offered_script
    if open_ is None or generated is None:
        raise ConflictError("Nothing is to be settled here.", where=case_id)
    chosen = _checked(choices, open_)
    told = _apply(
        case,
        generated,
        merging.merge(case.generated_script, case.script, generated, chosen),
    )
    case.updated_at = func.now()
    case.updated_by = user_id
    session.flush()
    reason = f"Chosen: {told.removeprefix(', ') or 'nothing yet'}. {_words(choices)}"
    reason += _source(session, case)
    revisions.keep(session, case, Origin.SETTLED, reason, user_id=user_id)
    return case


def _words(choices: Mapping[str, str]) -> str:
    words = ", ".join(f"{key}: {side}" for key, side in choices.items())
    return f"{storable(words, _CHOICES_LENGTH)}. " if words else ""


def _source(session: Session, case: Case) -> str:
    """Who generated what waits, and what had been asked for."""
    rows = session.execute(
        select(Generation.prompt, Generation.operations, Generation.written + Generation.failed)
        .where(Generation.suite_id == case.suite_id)
        .where(Generation.operations.contains([case.operation]))
        .order_by(Generation.created_at.desc(), Generation.id)
        .limit(_GENERATIONS)
    )
    # One that has not come to this operation yet has nothing to do with what waits.
    come = (prompt for prompt, keys, done in rows if case.operation in keys[:done])
    prompt = storable(next(come, ""), _INSTRUCTION_LENGTH)
    return f"Written by the provider {case.provider}.{f' Instruction: {prompt}' if prompt else ''}"


def _checked(choices: Mapping[str, str], open_: Merge) -> Choices:
    known = {each.key for each in open_.conflicts} | {each.key for each in open_.offers}
    unknown = choices.keys() - known
    if unknown:
        raise InvalidInputError(
            f"Nothing is to be chosen at {min(unknown)[:100]}.", where="choices"
        )
    if not set(choices.values()) <= set(Side):
        raise InvalidInputError(
            "This is no side to choose.", where="choices", hint=f"One of: {', '.join(Side)}."
        )
    return {key: Side(side) for key, side in choices.items()} or NO_CHOICES


def _apply(case: Case, generated: str, merged: Merge) -> str:
    case.script, case.generated_script = merged.text, merged.base
    case.offered_script = generated if merged.conflicts else None
    counts = Counter(change.fate for change in merged.changes)
    return ", ".join(["", *(f"{counts[fate]} {fate}" for fate in _TOLD if counts[fate])])
