"""Puts checks into words: the source of a test module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import testops
from app.ai import calling, naming, playing, quoting, requests, symbols
from app.ai.checks.check import Check
from app.ai.playing import Constants
from app.ai.quoting import literal
from app.ai.requests import Request, Step
from app.ai.scenarios import Line, Scenario, Value
from app.openapi.model import Operation
from testops.json_values import Json

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
_OFFERED = frozenset(testops.__all__)
_IMPORTED = _OFFERED | {"Iterator", "pytest"}
#: Expectations of an answer that is no refusal.
_OF_SUCCESSES = frozenset({"success", "preferred", "lacks"})


def module(operation: Operation, title: str, checks: Sequence[Check | Scenario]) -> str:
    """The source of a module, correct but not yet laid out by the formatter."""
    constants = _constants(checks)
    taken: set[str] = set()
    functions = [
        *playing.fixtures(_steps(checks), constants),
        *(_function(check, constants, taken) for check in checks),
    ]
    return "\n".join(
        [
            _docstring(operation, title),
            "",
            *_imports(functions),
            "",
            f"OPERATION = {literal(operation.key)}",
            *(f"{name} = {source}" for source, name in constants.items()),
            "",
            *functions,
        ]
    )


def _docstring(operation: Operation, title: str) -> str:
    summary = quoting.prose(operation.summary or operation.description or operation.operation_id)
    headline = quoting.prose(operation.key, 200) + (f": {summary}" if summary else "")
    origin = quoting.prose(title) or "the API description"
    return f'"""{_ended(headline)}\n\nFrom {origin}, {quoting.pointer(operation.pointer)}\n"""'


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."


def _imports(functions: Sequence[str]) -> list[str]:
    """Import what the functions use, and nothing else."""
    used = symbols.referenced("\n".join(functions), _IMPORTED)
    iterator = ["from collections.abc import Iterator", ""] if "Iterator" in used else []
    pytest = ["import pytest", ""] if "pytest" in used else []
    ordered = sorted(used & _OFFERED, key=lambda name: (name[0].islower(), name))
    return [*iterator, *pytest, f"from testops import {', '.join(ordered)}"]


def _steps(checks: Sequence[Check | Scenario]) -> list[Step]:
    """What all functions obtain, each variable once, with what that rests on."""
    steps = [step for check in checks for step in (*_own_steps(check), *_referred(check))]
    chain = (each for step in steps for each in step.chain())
    return list({(each.function, each.variable): each for each in chain}.values())


def _referred(check: Check | Scenario) -> list[Step]:
    """The steps that obtain what its bodies refer to."""
    if isinstance(check, Scenario):
        parts = [part for line in check.lines for part in line.parts]
    else:
        parts = [part for part in (check.before, check.request, check.beside) if part]
    values = [_value(part) for part in parts]
    return [each.step for value in values for each in requests.obtained_in(value).values()]


def _value(part: Request | Value) -> Json:
    if isinstance(part, Value):
        return part.value
    return part.body.value if part.body else None


def _own_steps(check: Check | Scenario) -> tuple[Step, ...]:
    return check.steps if isinstance(check, Scenario) else check.request.steps


def _constants(checks: Sequence[Check | Scenario]) -> dict[str, str]:
    """Names for the values that are long and stand more than once, and for every long body."""
    uses = Counter((argument, source) for check in checks for argument, source in _values(check))
    uses.update((playing.new_name(step), source) for step, source in _new(checks))
    constants: dict[str, str] = {}
    for (argument, source), count in uses.items():
        is_body = argument in {"json", "data", "files"} or argument.isupper()
        name = _NAMES.get(argument, argument)
        is_worth_it = len(source) > _INLINE_LENGTH and (count > 1 or is_body)
        if is_worth_it and name.isupper() and name not in constants.values():
            constants[source] = name
    return constants


def _new(checks: Sequence[Check | Scenario]) -> Iterator[tuple[Step, str]]:
    """The steps that send a body, and its source."""
    steps = (step for step in _steps(checks) if step.body)
    return ((step, literal(playing.fixed(step.body and step.body.value))) for step in steps)


def _values(check: Check | Scenario) -> Iterator[tuple[str, str]]:
    """Argument and source of every value that a check sends or compares."""
    if isinstance(check, Check):
        yield from _sent(check.request)
        return
    for part in (part for line in check.lines for part in line.parts):
        if isinstance(part, Request):
            yield from _sent(part)
        elif not isinstance(part.value, quoting.Expression):
            yield part.argument, literal(playing.fixed(part.value))


def _sent(request: Request) -> Iterator[tuple[str, str]]:
    for argument in ("path", "query", "headers", "cookies"):
        value = getattr(request, argument)
        # What a step obtains is known to the function only.
        if not any(isinstance(each, quoting.Expression) for each in value.values()):
            yield argument, literal(value)
    if request.body and not isinstance(request.body.value, quoting.Expression):
        yield request.body.argument, _whole_body(request)


def _whole_body(request: Request) -> str:
    return literal(playing.fixed(request.body.value)) if request.body else ""


def _function(check: Check | Scenario, constants: Constants, taken: set[str]) -> str:
    mark = f"@pytest.mark.skip(reason={literal(check.skip)})\n" if check.skip else ""
    steps = _own_steps(check)
    statements: list[str] = [
        *(_step(step, constants) for step in playing.steps_of(steps, "existing")),
        *_statements(check, constants),
    ]
    lines = [
        f'"""{check.intent}\n\n    Source: {quoting.pointer(check.source)}\n    """',
        *statements,
    ]
    body = "\n".join(f"    {line}" if line else "" for line in lines)
    steps = (*steps, *_used(_referred(check), statements))
    name = naming.function_name(check.name, taken)
    asks = f"{_clients(check)}{playing.arguments(steps, statements)}"
    return f"\n{mark}def {name}({asks}) -> None:\n{body}\n"


def _used(steps: Sequence[Step], statements: Sequence[str]) -> list[Step]:
    """The steps whose variables are there: a check may leave out what was to be referred to."""
    names = {step.variable for step in steps}
    used = symbols.referenced("\n".join(statements), names) if names else names
    return [step for step in steps if step.variable in used]


def _statements(check: Check | Scenario, constants: Constants) -> Iterator[str]:
    if isinstance(check, Scenario):
        yield from (_line(line, constants) for line in check.lines)
    else:
        if check.role:
            yield f"{check.request.client}.must_not_be({literal(check.role)})"
        yield from _before(check, constants)
        yield f"response = {calling.call(check.request, constants)}"
        yield ""
        yield from _expectations(check, constants)


def _before(check: Check, constants: Constants) -> Iterator[str]:
    """The request that must succeed for the next one to say something."""
    if check.before:
        given = [calling.call(check.before, constants), *map(str, check.statuses)]
        yield f"expect.success({', '.join(given)}, needs={literal(check.before_needs)})"


def _clients(check: Check | Scenario) -> str:
    """Who asks in a function."""
    name = "api" if isinstance(check, Scenario) else check.request.client
    reads = any(step.function == "existing" for step in _own_steps(check))
    names = sorted({name, *(["api"] if reads else [])})
    return ", ".join(f"{each}: Api" for each in names)


def _line(line: Line, constants: Constants) -> str:
    parts = [
        playing.value_source(part, constants)
        if isinstance(part, Value)
        else calling.call(part, constants)
        for part in line.parts
    ]
    return line.text.format(*parts)


def _step(step: Step, constants: Constants) -> str:
    return f"{step.variable} = {playing.obtaining(step, constants)}"


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
    beside = [calling.call(check.beside, constants)] if check.beside else []
    arguments = ["response", *beside, *map(literal, (*check.statuses, *check.arguments))]
    if check.needs:
        arguments.append(f"needs={literal(check.needs)}")
    return f"expect.{check.expectation}({', '.join(arguments)})"
