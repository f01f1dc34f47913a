"""Documented inputs get a documented success.

An id in the path is taken from the collection's list where that is obvious; a check that changes
something creates its own resource first, so that it takes nothing away from the other checks.
Where an input had to be made up, a refusal decides nothing, and the check is skipped naming it.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.ai.checks.check import Check, Found
from app.ai.requests import Step
from app.openapi.model import Operation, Response

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SUCCESSES = range(200, 300)
_REDIRECTS = range(300, 400)
#: Answers a precondition only (RFC 9110, section 15.4.5); a check sends none.
_NOT_MODIFIED = 304
#: Of a PUT: nothing was there, or something was.
_CREATED, _REPLACED = "201", frozenset({"200", "204"})


def checks(found: Found) -> Iterator[Check]:
    """The one check of this kind; marked as skipped where an input is missing."""
    operation = found.material.operation
    steps = obtained(found)
    main = _main_response(operation)
    skip = reason_to_skip(found, steps)
    yield Check(
        name="documented success",
        intent="The documented inputs get a documented success.",
        source=main.pointer if main else operation.pointer,
        request=found.with_steps(found.inputs.request, steps),
        expectation="success" if has_success(operation) else "",
        statuses=_statuses(operation, steps),
        needs="" if skip else found.inputs.needs(steps),
        skip=skip,
    )


def obtained(found: Found) -> dict[str, Step]:
    """The way that obtains the most; among equals the one that takes nothing away."""
    operation = found.material.operation
    if operation.method == "DELETE":
        return found.created()
    if operation.method in _SAFE:
        return max(found.existing(), found.created(), key=len)
    return max(found.created(), found.existing(), key=len)


def spared(found: Found) -> dict[str, Step]:
    """The same for a request that should change nothing, in case that it does.

    What is the check's own if that is deleted afterwards, so that nothing is left or lost.
    """
    own = obtained(found)
    chain = (each for step in own.values() for each in step.chain())
    if found.material.operation.method == "DELETE" or all(each.deletion for each in chain):
        return own
    return max(found.existing(), own, key=len)


def reason_to_skip(found: Found, steps: dict[str, Step]) -> str:
    """Why no success can be asked for; empty where it can."""
    operation = found.material.operation
    if found.inputs.lacking:
        return f"Needs {'; '.join(found.inputs.lacking)}."
    if operation.method == "CONNECT":
        return "Needs a proxy: CONNECT asks for a tunnel (RFC 9110, section 9.3.6)."
    if operation.method == "DELETE" and found.inputs.request.path and not steps:
        return "Needs a resource that may be deleted."
    return ""


def _main_response(operation: Operation) -> Response | None:
    """The documented success: the first 2xx, or else the first that is no error."""
    ranked = sorted(
        operation.responses, key=lambda each: (each.status[:1] not in "23", each.status)
    )
    return ranked[0] if ranked else None


def has_success(operation: Operation) -> bool:
    """Whether a success is documented at all; some descriptions list errors only."""
    return not operation.responses or any(
        each.status[:1] in {"1", "2", "3", "d"} for each in operation.responses
    )


def tells_creating(operation: Operation) -> bool:
    """Whether a PUT tells creating from replacing, as RFC 9110 has it (section 9.3.4)."""
    successes = {each.status for each in operation.responses if each.status.startswith("2")}
    has_both = _CREATED in successes and bool(successes & _REPLACED)
    return operation.method == "PUT" and operation.path.endswith("}") and has_both


def _statuses(operation: Operation, steps: dict[str, Step]) -> tuple[int, ...]:
    """The documented successes that a resource may have which is there."""
    last = operation.path.rpartition("{")[2].rstrip("}")
    is_there = last in steps and tells_creating(operation)
    found = statuses(operation)
    return tuple(each for each in found if not is_there or each != int(_CREATED))


def statuses(operation: Operation) -> tuple[int, ...]:
    """The documented 2xx and 3xx; none where a range or the default stands for them."""
    codes = [int(each.status) for each in operation.responses if each.status.isdecimal()]
    open_ended = any(each.status.upper() in {"2XX", "DEFAULT"} for each in operation.responses)
    found = [code for code in codes if code in _SUCCESSES or code in _REDIRECTS]
    if open_ended and not any(code in _SUCCESSES for code in found):
        return ()
    return tuple(code for code in found if code != _NOT_MODIFIED)
