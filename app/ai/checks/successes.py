"""Each of several documented successes, as far as a request can ask for it.

HTTP says what brings one of them: an unknown id has PUT create (RFC 9110, section 9.3.4), a range
gives a part (section 14.2), and who prefers not to wait is told that it was accepted (RFC 7240,
section 4.1). Else the description may: by an example of its inputs with the name of an example of
the answer, or with the status in its name. What nothing brings is left out, naming what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from app.ai import links, quoting, reading
from app.ai.checks import success, unknown_id
from app.ai.checks.check import Check, Found
from app.ai.material import OperationMaterial
from app.ai.requests import Request
from app.openapi.model import Body, Example, Operation, Parameter, Response
from testops.client import named

_PREFERENCE = re.compile(r"(?i)\brespond-async\b")
_NUMBER = re.compile(r"(?<!\d)\d{3}(?!\d)")


def checks(found: Found) -> Iterator[Check]:
    """A check for each documented 2xx but the usual one; none where one only is documented."""
    operation = found.material.operation
    documented = _successes(operation)
    if len(documented) == 1 or found.inputs.lacking or operation.method == "CONNECT":
        return
    for response in documented:
        check = next((made for way in _WAYS if (made := way(found, response))), None)
        if check:
            yield check
        elif response is not documented[0]:
            yield _left_out(found, response)


def _successes(operation: Operation) -> list[Response]:
    """The documented 2xx, the usual one first."""
    found = [each for each in operation.responses if re.fullmatch(r"2\d\d", each.status)]
    return sorted(found, key=lambda each: each.status)


def _left_out(found: Found, response: Response) -> Check:
    skip = success.reason_to_skip(found, success.obtained(found))
    status = named(int(response.status))
    said = quoting.prose(response.description, 80)
    needs = f"Needs inputs that are answered with {status}{f': {said}' if said else ''}."
    return Check(
        name=f"documented {response.status}",
        intent=f"What the description has answered with {status} gets it.",
        source=response.pointer,
        request=found.inputs.request,
        expectation="success",
        statuses=(int(response.status),),
        skip=skip or needs,
    )


def _creating(found: Found, response: Response) -> Check | None:
    """PUT creates what is not there, and says so."""
    operation = found.material.operation
    names = reading.placeholders(operation.path)
    if not success.tells_creating(operation) or response.status != str(HTTPStatus.CREATED):
        return None
    unknown = (unknown_id.unknown_path(found) or {}).get(names[-1])
    outer = {name: step for name, step in found.created().items() if name != names[-1]}
    if unknown is None:
        return None
    request = found.with_steps(found.inputs.request, outer)
    return _check(
        found,
        response,
        "What is put where nothing is, is created.",
        replace(request, path={**request.path, names[-1]: unknown}),
        found.inputs.needs([*outer, names[-1]])
        or "an id that may be chosen, and names nothing yet",
    )


def _ranged(found: Found, response: Response) -> Check | None:
    """A range of the representation."""
    if found.material.operation.method != "GET" or response.status != "206":
        return None
    needs = "a representation that is given in parts"
    header = {"Range": "bytes=0-0"}
    return _usual(found, response, "Of what is asked for, a part is given.", header, needs)


def _later(found: Found, response: Response) -> Check | None:
    """What is asked for is done after the answer, where that can be preferred."""
    if response.status != str(HTTPStatus.ACCEPTED) or not _takes_preference(found):
        return None
    intent = "Who prefers not to wait is told that it was accepted."
    header, needs = {"Prefer": "respond-async"}, "a server that honours the preference"
    return _usual(found, response, intent, header, needs)


def _takes_preference(found: Found) -> bool:
    operation = found.material.operation
    prefer = [each for each in operation.parameters if each.name.lower() == "prefer"]
    said = [operation.description, *(each.description for each in prefer)]
    is_header = any(each.location == "header" for each in prefer)
    return is_header or any(map(_PREFERENCE.search, said))


def _exemplified(found: Found, response: Response) -> Check | None:
    """The inputs that the description gives under the name of the answer."""
    operation = found.material.operation
    for name in _named_inputs(operation):
        if _meant(operation, name) == {response.status}:
            return _of_example(found, response, name)
    return None


def _meant(operation: Operation, name: str) -> set[str]:
    """The answers that an example of the inputs is meant for: by its name, or by their own."""
    documented = {each.status for each in operation.responses}
    by_number = documented & set(_NUMBER.findall(name))
    return by_number or {
        each.status
        for each in operation.responses
        for content in each.contents
        for example in content.examples
        if example.name == name
    }


def _named_inputs(operation: Operation) -> list[str]:
    """The names of all examples of inputs, in order."""
    bodies = operation.body.contents if operation.body else ()
    listed = [each.examples for each in operation.parameters]
    listed += [each.examples for each in bodies]
    return [name for name in dict.fromkeys(_names(listed)) if name]


def _names(listed: Sequence[Sequence[Example]]) -> Iterator[str]:
    return (example.name for examples in listed for example in examples)


def _of_example(found: Found, response: Response, name: str) -> Check:
    """The request of the examples of one name, and otherwise the usual one."""
    material = found.material
    own = replace(
        material.operation,
        parameters=tuple(_first(each, name) for each in material.operation.parameters),
        body=_body_first(material.operation.body, name),
    )
    given = {each.name for each in own.parameters if name in _names([each.examples])}
    gathered = links.connected(OperationMaterial(material.shared, own, purpose=f"example {name}"))
    steps = {key: step for key, step in success.obtained(found).items() if key not in given}
    return _check(
        found,
        response,
        f'The inputs of the example "{quoting.prose(name, 60)}" get the answer that it is for.',
        found.with_steps(gathered.request, steps),
        gathered.needs(steps) or "a state in which the example holds",
    )


def _first(parameter: Parameter, name: str) -> Parameter:
    return replace(parameter, examples=_moved(parameter.examples, name))


def _body_first(body: Body | None, name: str) -> Body | None:
    if body is None:
        return None
    contents = (replace(each, examples=_moved(each.examples, name)) for each in body.contents)
    return replace(body, contents=tuple(contents))


def _moved(examples: tuple[Example, ...], name: str) -> tuple[Example, ...]:
    return tuple(sorted(examples, key=lambda each: each.name != name))


def _usual(
    found: Found, response: Response, intent: str, header: Mapping[str, str], needs: str
) -> Check:
    """The usual request with one more header."""
    steps = success.obtained(found)
    request = found.with_steps(found.inputs.request, steps)
    request = replace(request, headers={**request.headers, **header})
    return _check(found, response, intent, request, found.inputs.needs(steps) or needs)


def _check(found: Found, response: Response, intent: str, request: Request, needs: str) -> Check:
    skip = success.reason_to_skip(found, success.obtained(found))
    return Check(
        name=f"documented {response.status}",
        intent=intent,
        source=response.pointer,
        request=request,
        expectation="preferred",
        statuses=(int(response.status),),
        needs=needs,
        skip=skip,
    )


_Way = Callable[[Found, Response], Check | None]
#: What brings a success, the surest first.
_WAYS: tuple[_Way, ...] = (_creating, _ranged, _later, _exemplified)
