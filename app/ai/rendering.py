"""Puts checks into words: the source of a test module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from app.ai import naming, quoting
from app.ai.checks.check import Check
from app.ai.quoting import literal
from app.ai.requests import Body, Request, Step
from app.openapi.model import Operation
from testops import pointers
from testops.json_values import Json

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
    names |= {name for check in checks for name in _changing(check.request, constants)}
    pytest = ["import pytest", ""] if any(check.skip for check in checks) else []
    ordered = sorted(names, key=lambda name: (name[0].islower(), name))
    return [*pytest, f"from testops import {', '.join(ordered)}"]


def _changing(request: Request, constants: Constants) -> Iterator[str]:
    """The function of the SDK that changes a body, where one is used."""
    is_named = _whole_body(request) in constants
    if request.changes and is_named and not _is_on_top(request.body, request.changes):
        yield "replaced"


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
        *_before(check, constants),
        f"response = {_call(check.request, constants)}",
        "",
        *_expectations(check, constants),
    ]
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    name = naming.function_name(check.name, taken)
    return f"\n{mark}def {name}({_fixtures(check.request)}) -> None:\n{body}\n"


def _fixtures(request: Request) -> str:
    """The parameters of the function: who asks, the main user first."""
    names = sorted({request.client, *(["api"] if request.steps else [])})
    return ", ".join(f"{name}: Api" for name in names)


def _before(check: Check, constants: Constants) -> list[str]:
    """The request that must succeed for the next one to say something."""
    if check.before is None:
        return []
    arguments = [_call(check.before, constants), *map(str, check.statuses)]
    return [f"expect.success({', '.join(arguments)}, needs={literal(check.before_needs)})"]


def _step(step: Step, constants: Constants) -> str:
    arguments = [
        "api",
        literal(step.path),
        literal(step.pointer),
        *_body(step.body, None, constants),
    ]
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
    arguments.extend(_body(request.body, request, constants, in_headers=True))
    if request.anonymous:
        arguments.append("anonymous=True")
    if request.withheld:
        arguments.append(f"withhold={literal(list(request.withheld))}")
    return f"{function}({', '.join(arguments)})"


def _with_content_type(request: Request) -> Mapping[str, object]:
    media_type = request.body.media_type if request.body else ""
    return {**request.headers, **({"Content-Type": media_type} if media_type else {})}


def _body(
    body: Body | None, request: Request | None, constants: Constants, *, in_headers: bool = False
) -> list[str]:
    """The arguments that carry a body, with its media type where no other argument has it."""
    if body is None:
        return []
    source = literal(body.value)
    source = constants.get(source, source)
    if request and request.left_out:
        source = _without(body, request.left_out, source)
    if request and request.changes:
        source = _changed(body, request.changes, source)
    argument = f"{body.argument}={source}"
    if in_headers or not body.media_type:
        return [argument]
    return [argument, f"headers={literal({'Content-Type': body.media_type})}"]


def _without(body: Body, left_out: str, source: str) -> str:
    if source != literal(body.value):
        return f"without({source}, {literal(left_out)})"
    return literal({key: item for key, item in body.value.items() if key != left_out})


def _changed(body: Body, changes: Mapping[str, Json], source: str) -> str:
    """A named body with what differs; a body that stands there as it is with what differs."""
    if source == literal(body.value):
        whole = body.value
        for pointer, value in changes.items():
            whole = pointers.replaced(whole, pointer, value)
        return literal(whole)
    if _is_on_top(body, changes):
        other = {key: value for pointer, value in changes.items() for key in pointers.keys(pointer)}
        return f"{source} | {literal(other)}"
    for pointer, value in changes.items():
        source = f"replaced({source}, {literal(pointer)}, {literal(value)})"
    return source


def _is_on_top(body: Body | None, changes: Mapping[str, Json]) -> bool:
    """Whether all that differs are properties of the body itself."""
    is_object = body is not None and isinstance(body.value, Mapping)
    return is_object and all(len(pointers.keys(pointer)) == 1 for pointer in changes)


def _expectations(check: Check, constants: Constants) -> list[str]:
    """What is held of the answer; of a bad request first that it was refused at all.

    An answer that is the server's own rather than the operation's is not held against it.
    """
    documented = "expect.documented(response)"
    if not check.expectation:
        return [documented]
    if check.is_of_server:
        return [_expectation(check, constants)]
    if check.expectation in _OF_SUCCESSES:
        return [documented, _expectation(check, constants)]
    return [_expectation(check, constants), documented]


def _expectation(check: Check, constants: Constants) -> str:
    beside = [_call(check.beside, constants)] if check.beside else []
    values = map(literal, (*check.statuses, *check.arguments))
    arguments = ["response", *beside, *values]
    if check.needs:
        arguments.append(f"needs={literal(check.needs)}")
    return f"expect.{check.expectation}({', '.join(arguments)})"
