"""Puts checks into words: the source of a test module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from app.ai import naming, quoting
from app.ai.checks.check import Check
from app.ai.quoting import literal
from app.ai.requests import Body, Request, Step
from app.openapi.model import Operation

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
#: A longer value that stands more than once gets a name at the top of the module.
_INLINE_LENGTH = 40
#: What a named value is called, by the argument it is given as.
_NAMES = {
    "path": "PATH",
    "query": "QUERY",
    "headers": "HEADERS",
    "cookies": "COOKIES",
    "json": "BODY",
    "data": "FORM",
    "files": "FILES",
    "content": "CONTENT",
}
#: Expectations of an answer that is no refusal.
_OF_SUCCESSES = frozenset({"success", "lacks"})
#: Source of a value → the constant it is named by.
Constants = Mapping[str, str]


def module(operation: Operation, title: str, checks: Sequence[Check]) -> str:
    """The source of a module, correct but not yet laid out by the formatter."""
    constants = _constants(checks)
    taken: set[str] = set()
    return "\n".join(
        [
            _docstring(operation, title),
            "",
            *_imports(checks, constants),
            "",
            f"OPERATION = {literal(operation.key)}",
            *(f"{name} = {source}" for source, name in constants.items()),
            "",
            *(_function(check, constants, taken) for check in checks),
        ]
    )


def _docstring(operation: Operation, title: str) -> str:
    summary = quoting.prose(operation.summary or operation.description or operation.operation_id)
    headline = quoting.prose(operation.key, 200) + (f": {summary}" if summary else "")
    origin = quoting.prose(title) or "the API description"
    return f'"""{_ended(headline)}\n\nFrom {origin}, {quoting.pointer(operation.pointer)}\n"""'


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."


def _imports(checks: Sequence[Check], constants: Constants) -> list[str]:
    """Import what the functions use, and nothing else."""
    names = {"Api", "expect"} | {step.function for check in checks for step in check.request.steps}
    if any(check.request.left_out and _whole_body(check.request) in constants for check in checks):
        names.add("without")
    pytest = ["import pytest", ""] if any(check.skip for check in checks) else []
    ordered = sorted(names, key=lambda name: (name[0].islower(), name))
    return [*pytest, f"from testops import {', '.join(ordered)}"]


def _constants(checks: Sequence[Check]) -> dict[str, str]:
    """Names for the values that are long and stand more than once, and for every long body."""
    uses = Counter((argument, source) for check in checks for argument, source in _values(check))
    constants: dict[str, str] = {}
    for (argument, source), count in uses.items():
        is_body = argument in {"json", "data", "files"} or argument.startswith("NEW_")
        if len(source) > _INLINE_LENGTH and (count > 1 or is_body):
            name = _NAMES.get(argument, argument)
            if name not in constants.values():
                constants[source] = name
    return constants


def _values(check: Check) -> Iterator[tuple[str, str]]:
    """Argument and source of every value that a check sends."""
    request = check.request
    for argument in ("path", "query", "headers", "cookies"):
        # A path may hold what a step obtains, which only the function knows.
        if argument != "path" or not request.steps:
            yield argument, literal(getattr(request, argument))
    if request.body:
        yield request.body.argument, _whole_body(request)
    for step in request.steps:
        if step.body:
            yield _name_of_new(step), literal(step.body.value)


def _whole_body(request: Request) -> str:
    return literal(request.body.value) if request.body else ""


def _name_of_new(step: Step) -> str:
    return f"NEW_{naming.slug(step.path.rpartition('/')[2]).upper() or 'RESOURCE'}"


def _function(check: Check, constants: Constants, taken: set[str]) -> str:
    mark = f"@pytest.mark.skip(reason={literal(check.skip)})\n" if check.skip else ""
    lines = [
        f'"""{check.intent}\n\n    Source: {quoting.pointer(check.source)}\n    """',
        *([f"{check.request.client}.must_not_be({literal(check.role)})"] if check.role else []),
        *(_step(step, constants) for step in check.request.steps),
        f"response = {_call(check.request, constants)}",
        "",
        *_expectations(check),
    ]
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    name = naming.function_name(check.name, taken)
    return f"\n{mark}def {name}({_fixtures(check.request)}) -> None:\n{body}\n"


def _fixtures(request: Request) -> str:
    """The parameters of the function: who asks, the main user first."""
    names = sorted({request.client, *(["api"] if request.steps else [])})
    return ", ".join(f"{name}: Api" for name in names)


def _step(step: Step, constants: Constants) -> str:
    arguments = ["api", literal(step.path), literal(step.pointer), *_body(step.body, "", constants)]
    return f"{step.variable} = {step.function}({', '.join(arguments)})"


def _call(request: Request, constants: Constants) -> str:
    is_plain = request.method in _METHODS
    function = f"{request.client}.{request.method.lower() if is_plain else 'request'}"
    arguments = [] if is_plain else [literal(request.method)]
    arguments.append(literal(request.path_template))
    for argument in ("path", "query", "headers", "cookies"):
        value = _with_content_type(request) if argument == "headers" else getattr(request, argument)
        if value:
            source = literal(value)
            arguments.append(f"{argument}={constants.get(source, source)}")
    arguments.extend(_body(request.body, request.left_out, constants, in_headers=True))
    if request.anonymous:
        arguments.append("anonymous=True")
    if request.withheld:
        arguments.append(f"withhold={literal(list(request.withheld))}")
    return f"{function}({', '.join(arguments)})"


def _with_content_type(request: Request) -> Mapping[str, object]:
    media_type = request.body.media_type if request.body else ""
    return {**request.headers, **({"Content-Type": media_type} if media_type else {})}


def _body(
    body: Body | None, left_out: str, constants: Constants, *, in_headers: bool = False
) -> list[str]:
    """The arguments that carry a body, with its media type where no other argument has it."""
    if body is None:
        return []
    source = literal(body.value)
    if left_out and source in constants:
        source = f"without({constants[source]}, {literal(left_out)})"
    elif left_out:
        source = literal({key: item for key, item in body.value.items() if key != left_out})
    argument = f"{body.argument}={constants.get(source, source)}"
    if in_headers or not body.media_type:
        return [argument]
    return [argument, f"headers={literal({'Content-Type': body.media_type})}"]


def _expectations(check: Check) -> list[str]:
    """What is held of the answer; of a bad request first that it was refused at all."""
    documented = "expect.documented(response)"
    if not check.expectation:
        return [documented]
    if check.expectation in _OF_SUCCESSES:
        return [documented, _expectation(check)]
    return [_expectation(check), documented]


def _expectation(check: Check) -> str:
    arguments = ["response", *map(literal, (*check.statuses, *check.arguments))]
    if check.needs:
        arguments.append(f"needs={literal(check.needs)}")
    return f"expect.{check.expectation}({', '.join(arguments)})"
