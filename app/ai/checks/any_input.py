"""Whatever the description allows is answered as it documents: inputs that nobody thought of.

The inputs are generated when the check runs (see `testops.generation`): few of them, and the same
for the same seed. What changes something asks for what the check has created itself. Nothing is
written where nothing would vary, or where an id of somebody else's would be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.ai.checks.check import Found
from app.ai.quoting import literal
from app.ai.requests import Request, Step
from app.ai.scenarios import Line, Scenario
from testops.json_values import Json

#: Requests of one check that reads, and of one that may leave something behind each time.
_READING = 20
_CHANGING = 10
_SAFE = frozenset({"GET"})


def checks(found: Found) -> Iterator[Scenario]:
    """At most one check."""
    operation = found.material.operation
    described = found.material.shared.described.of(operation)
    if found.inputs.lacking or described is None:
        return
    steps = _steps(found, described)
    if steps is None:
        return
    request = found.with_steps(Request(operation.method, operation.path), steps)
    loop = f"for response in generated({_arguments(found, request)}):"
    yield Scenario(
        name="any documented input",
        intent="Whatever inputs the description allows, the answer is as documented.",
        source=operation.pointer,
        lines=(
            Line(loop.replace("{", "{{").replace("}", "}}")),
            Line("    expect.documented(response)"),
        ),
        steps=request.steps,
    )


def _arguments(found: Found, request: Request) -> str:
    examples = _READING if request.method in _SAFE else _CHANGING
    path = [f"path={literal(request.path)}"] if request.path else []
    return ", ".join(
        [
            "api",
            literal(request.method),
            literal(request.path_template),
            *path,
            f"examples={examples}",
            f"seed={found.material.shared.seed}",
        ]
    )


def _steps(found: Found, described: Mapping[str, Json]) -> dict[str, Step] | None:
    """What obtains ids, where something besides them varies; None where there is no such check."""
    varies = "requestBody" in described or any(
        each["in"] != "path" for each in described["parameters"]
    )
    if found.material.operation.method in _SAFE:
        return found.existing() or found.created() if varies else {}
    steps = found.created()
    names = {each.name for each in found.path_parameters}
    return steps if varies and steps.keys() >= names else None
