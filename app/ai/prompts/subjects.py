"""An operation as a model is shown it: itself, what it references, and who its neighbours are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from app.openapi.model import ApiDescription, Content, Operation, Parameter, Response, Schema
from testops import contract
from testops.json_values import Json

#: Neighbours that say most come first; the rest of a large API says little about one operation.
_MAX_NEIGHBOURS = 12
_SEGMENT = re.compile(r"/[^/]*")


def operation(of: Operation) -> dict[str, Json]:
    """All that the description says of one operation, each part with its pointer."""
    return {
        "operation": of.key,
        "pointer": of.pointer,
        "summary": of.summary,
        "description": of.description,
        "deprecated": of.deprecated,
        "parameters": [_parameter(each) for each in of.parameters],
        "request_body": {
            "required": of.body.required,
            "pointer": of.body.pointer,
            "contents": [_content(each) for each in of.body.contents],
        }
        if of.body
        else None,
        "responses": [_response(each) for each in of.responses],
        "security": [sorted(each) for each in of.security],
    }


def _parameter(of: Parameter) -> Json:
    return {
        "name": of.name,
        "in": of.location,
        "required": of.required,
        "schema": of.schema,
        "description": of.description,
        "pointer": of.pointer,
    }


def _content(of: Content) -> Json:
    return {
        "media_type": of.media_type,
        "schema": of.schema,
        "pointer": of.pointer,
        "examples": [each.value for each in of.examples],
    }


def _response(of: Response) -> Json:
    return {
        "status": of.status,
        "description": of.description,
        "pointer": of.pointer,
        "contents": [_content(each) for each in of.contents],
        "headers": [{"name": each.name, "required": each.required} for each in of.headers],
        "links": {each.operation: dict(each.parameters) for each in of.links},
    }


def references(of: Operation, description: ApiDescription) -> Mapping[str, Schema]:
    """The schemas that an operation refers to, directly or not."""
    told = [operation(of)]
    names = contract.reachable(told, description.schemas)
    return {name: description.schemas[name] for name in sorted(names)}


def neighbours(of: Operation, description: ApiDescription) -> list[Json]:
    """The operations it is linked with: by a link, or by lying on the same way."""
    others = (each for each in description.operations if each.key != of.key)
    near = sorted(_nearest(of, others), key=lambda pair: -pair[0])[:_MAX_NEIGHBOURS]
    return [_brief(each) for _, each in near]


def _nearest(of: Operation, others: Iterable[Operation]) -> Iterator[tuple[int, Operation]]:
    named = {link.operation for response in of.responses for link in response.links}
    own = _SEGMENT.findall(of.path)
    for other in others:
        way = _SEGMENT.findall(other.path)
        shared = sum(1 for one, two in zip(own, way, strict=False) if one == two)
        is_linked = bool(named & {other.operation_id, other.pointer})
        if is_linked or shared:
            yield (100 if is_linked else 2 * shared - abs(len(own) - len(way))), other


def _brief(of: Operation) -> Json:
    return {
        "operation": of.key,
        "summary": of.summary,
        "pointer": of.pointer,
        "takes": [f"{each.location} {each.name}" for each in of.parameters],
        "body": [each.media_type for each in of.body.contents] if of.body else [],
        "answers": [each.status for each in of.responses],
    }
