"""Writes a test module for every operation, from the description and HTTP's own rules alone.

Deterministic: the same description and seed give the same modules. A check that cannot be decided
from the description is left out or skipped with the name of what is missing, which a note repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from app.ai import formatting, links, naming, rendering
from app.ai.checks import (
    access,
    any_input,
    changing,
    creating,
    deleting,
    idempotency,
    linking,
    listing,
    malformed_body,
    methods,
    missing_inputs,
    ownership,
    preconditions,
    privileges,
    reading_back,
    replacing,
    roles,
    success,
    successes,
    transitions,
    unknown_id,
    varied_inputs,
)
from app.ai.checks.check import Check, Found
from app.ai.material import Material, OperationMaterial
from app.ai.scenarios import Scenario
from app.openapi.model import ApiDescription, Operation

#: The kinds of check, in the order they stand in a module.
KINDS: tuple[Callable[[Found], Iterator[Check | Scenario]], ...] = (
    success.checks,
    successes.checks,
    missing_inputs.checks,
    varied_inputs.checks,
    malformed_body.checks,
    unknown_id.checks,
    reading_back.checks,
    creating.checks,
    replacing.checks,
    changing.checks,
    deleting.checks,
    listing.checks,
    transitions.checks,
    linking.checks,
    preconditions.checks,
    methods.checks,
    access.checks,
    ownership.checks,
    privileges.checks,
    roles.checks,
    any_input.checks,
)
#: Modules laid out at once: few enough to hold in memory, enough to pay for the process.
_BATCH = 200


@dataclass(frozen=True, slots=True)
class WrittenCase:
    """A test module as it was written."""

    #: "GET /pets/{petId}"
    operation: str
    #: File name, unique in the suite: "test_get_pets_petid.py".
    module: str
    script: str
    #: What could not be decided, and which input that would need.
    notes: tuple[str, ...]


def write_case(description: ApiDescription, operation: Operation, *, seed: int = 0) -> WrittenCase:
    """The case of one operation, exactly as it would be in the suite."""
    [case] = write_suite(description, [operation], seed=seed)
    return case


def write_suite(
    description: ApiDescription, operations: Iterable[Operation] | None = None, *, seed: int = 0
) -> Iterator[WrittenCase]:
    """The cases of all operations, or of some of them, in order; raises UnavailableError."""
    material = Material(description, seed)
    names = naming.module_names(operation.key for operation in description.operations)
    waiting = iter(description.operations if operations is None else operations)
    while batch := list(islice(waiting, _BATCH)):
        drafts = [_draft(material, operation, names) for operation in batch]
        scripts = formatting.formatted({case.module: case.script for case in drafts})
        for case in drafts:
            yield WrittenCase(case.operation, case.module, scripts[case.module], case.notes)


def _draft(material: Material, operation: Operation, names: Mapping[str, str]) -> WrittenCase:
    own = OperationMaterial(material, operation)
    found = Found(own, links.connected(own))
    first, *others = (check for kind in KINDS for check in kind(found))
    checks = [first, *(idempotency.told_apart(found, check) for check in others)]
    script = rendering.module(operation, material.description.title, checks)
    return WrittenCase(operation.key, names[operation.key], script, _notes(checks))


def _notes(checks: Sequence[Check | Scenario]) -> tuple[str, ...]:
    reasons = [
        check.skip or f"Needs {check.needs}." for check in checks if check.skip or check.needs
    ]
    notes: list[str] = []
    for reason in reasons:
        if not any(reason.rstrip(".") in note for note in notes):
            notes.append(reason)
    return tuple(notes)
