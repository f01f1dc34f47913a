"""What changes of an API description would do to a suite: which checks each of them touches.

Nothing is kept: the offline writer writes what changed, and each module is merged on trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ai import offline
from app.domain.outcomes import Status
from app.domain.scripts import merging
from app.domain.scripts.deciding import Fate
from app.domain.scripts.merging import Change
from app.models.case import Case
from app.models.generation import Generation
from app.models.suite import Suite
from app.models.version import Version
from app.services import cases, descriptions, suites
from app.services.text import storable

#: Changed operations that are written on trial while somebody waits.
MOST = 50
#: Nothing is different for these.
_UNTOUCHED = frozenset({Fate.SAME, Fate.EDITED, Fate.OWN, Fate.DROPPED})


@dataclass(frozen=True, slots=True)
class TouchedCase:
    """A case whose operation changed, and what a generation would do to its parts."""

    case_id: str
    operation: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed since all cases of a suite were last generated."""

    #: Keys of operations that have no case yet, and of those that are documented no more.
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[TouchedCase, ...]
    #: How many more changed than are told.
    further: int

    @property
    def is_any(self) -> bool:
        """Whether a generation would do anything because of the description."""
        return bool(self.added or self.removed or self.changed or self.further)


def preview(session: Session, suite_id: str) -> Touched:
    """What a generation of all cases would change; raises NotFoundError and UnavailableError."""
    suite = suites.get(session, suite_id)
    documented = [row.key for row in descriptions.all_operations(session, suite.api_description_id)]
    present = cases.operations_of(session, suite.id)
    different = _different(session, suite)
    changed = [key for key in documented if key in different and key in present]
    return Touched(
        added=tuple(key for key in documented if key not in present),
        removed=tuple(sorted(present - set(documented))),
        changed=tuple(_tried(session, suite, changed[:MOST])),
        further=len(changed[MOST:]),
    )


def _different(session: Session, suite: Suite) -> set[str]:
    """Keys of the operations that changed since a generation of all cases was asked for."""
    since = (
        select(func.max(Generation.created_at))
        .where(
            Generation.suite_id == suite.id,
            Generation.scope == "all",
            Generation.status == Status.FINISHED,
        )
        .scalar_subquery()
    )
    versions = session.scalars(
        select(Version.changes).where(
            Version.api_description_id == suite.api_description_id,
            Version.created_at > func.coalesce(since, suite.created_at),
        )
    )
    return {storable(key) for changes in versions for key in changes["changed"]}


def _tried(session: Session, suite: Suite, keys: Sequence[str]) -> Iterator[TouchedCase]:
    description = descriptions.load(session, suite.api_description_id)
    chosen = [each for each in description.operations if storable(each.key) in keys]
    of_suite = (Case.suite_id == suite.id, Case.operation.in_(keys))
    known = {case.operation: case for case in session.scalars(select(Case).where(*of_suite))}
    for written in offline.write_suite(description, chosen):
        case = known[storable(written.operation)]
        merged = merging.merge(case.generated_script, case.script, written.script)
        touched = tuple(each for each in merged.changes if each.fate not in _UNTOUCHED)
        yield TouchedCase(case.id, case.operation, touched)
