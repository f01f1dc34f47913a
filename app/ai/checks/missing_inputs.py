"""Without a required input the request is refused (4xx), never answered and never a server error.

Required are parameters in query, header and cookie, the request body, and the body's properties at
its top. One with a default is left out: without it the API may go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.ai import bodies, inputs, merging, quoting
from app.ai.checks import success
from app.ai.checks.check import Check, Found
from app.ai.requests import Request
from app.openapi.model import Content, Parameter
from testops.json_values import Json


def checks(found: Found) -> Iterator[Check]:
    """A check for each required input; none where the rest of the request cannot be made."""
    if found.inputs.lacking or found.material.operation.method == "CONNECT":
        return
    steps = success.spared(found)
    request = found.with_steps(found.inputs.request, steps)
    needs = found.inputs.resource_needs(steps)
    for check in (*_parameters(found, request), *_body(found, request)):
        yield replace(check, expectation="refused", needs=needs)


def _parameters(found: Found, request: Request) -> Iterator[Check]:
    for parameter in found.material.parameters:
        if parameter.location == "path" or not parameter.required or _has_default(found, parameter):
            continue
        names = found.inputs.sent_as[parameter.location, parameter.name]
        yield _check(
            f"{parameter.location} {parameter.name}",
            f"the required {inputs.spoken(parameter)}",
            parameter.pointer,
            request.without(parameter.location, names),
        )


def _body(found: Found, request: Request) -> Iterator[Check]:
    documented = found.material.operation.body
    if request.body is None or documented is None or found.inputs.content is None:
        return
    content = found.material.contents[found.inputs.content]
    required = _required_properties(found, content, request.body.value)
    if documented.required and (bodies.is_json(content) or required):
        yield _check(
            "body", "the required request body", documented.pointer, replace(request, body=None)
        )
    for name in required:
        yield _check(
            f"body {name}",
            f"the required property {quoting.prose(name, 60)}",
            f"{content.pointer}/schema/required",
            replace(request, left_out=name),
        )


def _check(name: str, what: str, source: str, request: Request) -> Check:
    intent = f"Without {what} the request is refused."
    return Check(f"missing {name}", intent, source, request, "refused")


def _required_properties(found: Found, content: Content, value: Json) -> list[str]:
    """Names the schema requires at its top, that are sent and have no default."""
    if not isinstance(value, Mapping):
        return []
    schemas = found.material.schemas
    whole = merging.merged(content.schema, schemas) or {}
    properties = whole.get("properties", {})
    return [
        name
        for name in whole.get("required", ())
        if name in value and not _says_default(properties.get(name, True), found)
    ]


def _has_default(found: Found, parameter: Parameter) -> bool:
    return _says_default(parameter.schema, found)


def _says_default(schema: Json, found: Found) -> bool:
    return "default" in (merging.merged(schema, found.material.schemas) or {})
