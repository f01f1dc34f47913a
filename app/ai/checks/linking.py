"""What an answer links to is there.

Links of the description (OpenAPI, "Link Object") that lead to a GET with all that it asks for, and
the address by which an answer calls itself (relation "self" of RFC 4287, section 4.2.7.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.ai import answers, members, merging, reading
from app.ai.checks import success
from app.ai.checks.check import Found
from app.ai.quoting import Expression, literal
from app.ai.requests import Request
from app.ai.scenarios import Line, Scenario
from app.openapi.model import Link, Operation, Schema
from testops import pointers
from testops.json_values import Json

_MOST = 3
_BODY, _HEADER = "$response.body#", "$response.header."
_PATH, _QUERY = "$request.path.", "$request.query."
#: Objects that hold links by their relations (HAL, JSON:API).
_HOLDERS = ("_links", "links")
_SELF, _ADDRESS = "self", "href"


def checks(found: Found) -> Iterator[Scenario]:
    """A check for each of the first few links; none where the answer cannot be obtained."""
    operation = found.material.operation
    steps = success.obtained(found)
    if found.inputs.lacking or operation.method in {"DELETE", "CONNECT"}:
        return
    request = found.with_steps(found.inputs.request, steps)
    begun = (
        Line("response = {}", (replace(request, steps=()),)),
        members.succeeded(operation, found.inputs.needs(steps)),
    )
    for name, intent, source, lines in (*_documented(found), *_selves(found)):
        yield Scenario(name, intent, source, (*begun, *lines), request.steps)


#: Name, intent and place of a check, and its lines.
Told = tuple[str, str, str, tuple[Line, ...]]


def _documented(found: Found) -> Iterator[Told]:
    told = 0
    for response in answers.successes(found.material.operation):
        for link in response.links:
            target = found.material.shared.linked(link)
            request = _asked(found, link, target) if target else None
            if target and request and told < _MOST:
                told += 1
                yield (
                    f"link leads to {target.operation_id or target.path}",
                    "What the answer links to is there.",
                    f"{response.pointer}/links",
                    (
                        Line("found = {}", (request,)),
                        Line(""),
                        Line("expect.documented(found)"),
                        members.succeeded(target, name="found"),
                    ),
                )


def _asked(found: Found, link: Link, target: Operation) -> Request | None:
    """The GET that a link leads to; None where the link leaves anything open."""
    parts: dict[str, dict[str, Json]] = {"path": {}, "query": {}}
    for parameter in reading.parameters(target, found.material.description):
        name = parameter.name
        told = link.parameters.get(f"{parameter.location}.{name}", link.parameters.get(name))
        value = None if told is None else _value(found, told)
        if value is not None and parameter.location in parts:
            parts[parameter.location][name] = value
        elif told is not None or parameter.required:
            return None
    is_plain = target.method == "GET"
    return (
        Request("GET", target.path, path=parts["path"], query=parts["query"]) if is_plain else None
    )


def _value(found: Found, told: str) -> Json:
    """What a runtime expression stands for; None where it is none of the plain ones."""
    request = found.with_steps(found.inputs.request, success.obtained(found))
    if told.startswith(f"{_BODY}/"):
        return _linked(told.removeprefix(_BODY))
    if told.startswith(_HEADER):
        return _linked(told.removeprefix(_HEADER))
    if told.startswith(_PATH):
        return request.path.get(told.removeprefix(_PATH))
    if told.startswith(_QUERY):
        return request.query.get(told.removeprefix(_QUERY))
    return None if "$" in told else told


def _linked(place: str) -> Expression:
    return Expression(f"linked(response, {literal(place)})")


def _selves(found: Found) -> Iterator[Told]:
    """The address by which what was read calls itself."""
    operation = found.material.operation
    if operation.method != "GET":
        return
    place = _self_in(answers.schema(operation, found.material.schemas), found)
    if place:
        yield (
            "link to itself",
            "The address by which the answer calls itself leads to it.",
            operation.pointer,
            (
                Line(
                    f"found = led_to(api, response, {members.code(literal(pointers.plain(place)))})"
                ),
                Line(""),
                Line("expect.success(found)"),
            ),
        )


def _self_in(whole: Mapping[str, Json], found: Found) -> list[str]:
    """Where the address stands; empty for nowhere."""
    properties: Mapping[str, Schema] = whole.get("properties", {})
    for path in ([_SELF], *([holder, _SELF] for holder in _HOLDERS)):
        schema = _at(properties, path, found)
        if schema.get("type") == "string" and str(schema.get("format", "")).startswith("uri"):
            return path
        inner = _merged(schema.get("properties", {}).get(_ADDRESS, False), found)
        if inner.get("type") == "string":
            return [*path, _ADDRESS]
    return []


def _at(properties: Mapping[str, Schema], path: list[str], found: Found) -> Mapping[str, Json]:
    schema: Mapping[str, Json] = {"properties": properties}
    for name in path:
        schema = _merged(schema.get("properties", {}).get(name, False), found)
    return schema


def _merged(schema: Schema, found: Found) -> Mapping[str, Json]:
    return merging.merged(schema, found.material.schemas) or {}
