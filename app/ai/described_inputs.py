"""Tells the inputs of an operation as OpenAPI 3.1, for a contract: what values are generated from.

Only of operations whose every input a client can send as it is generated, and whose schemas are few
enough to generate from within a second; of the others nothing is told, and no such check written.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.ai import bodies, reading
from app.ai.requested import Requested
from app.openapi.model import ApiDescription, Content, Operation, Parameter
from testops.json_values import Json

#: The methods whose inputs are generated; never DELETE, which takes something away.
METHODS = frozenset({"GET", "POST", "PUT", "PATCH"})
_LOCATIONS = frozenset({"path", "query", "header", "cookie"})
#: Headers to which HTTP itself has answers that need not be documented: 206, 304, 412, 416, 417
#: (RFC 9110, sections 10.1.1, 13.1 and 14.2).
_HTTPS_OWN = frozenset(
    {
        "expect",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
    }
)
#: Named schemas that the inputs of one operation lead to; more take seconds to prepare.
_MAX_SCHEMAS = 40
_PREFIX = "#/schemas/"


class DescribedInputs:
    """The inputs of operations, and the named schemas that these lead to so far."""

    def __init__(self, description: ApiDescription, requested: Requested) -> None:
        self._description = description
        self._requested = requested
        #: By name, as they count for requests.
        self.schemas: dict[str, Json] = {}

    def of(self, operation: Operation) -> Mapping[str, Json] | None:
        """An Operation Object with "parameters" and perhaps "requestBody", or None."""
        given = reading.parameters(operation, self._description)
        parameters = [each for each in given if each.required or not _is_https_own(each)]
        content = _json_content(operation)
        if not self._can_be_sent(operation, parameters, content):
            return None
        places = {
            "parameters": [each.schema for each in parameters],
            "contents": [content.schema] if content else [],
        }
        document = self._requested.document(places)
        if document is None or len(document["schemas"]) > _MAX_SCHEMAS:
            return None
        new = document["schemas"].keys() - self.schemas.keys()
        self.schemas |= {name: _moved(document["schemas"][name]) for name in sorted(new)}
        told: dict[str, Json] = {
            "parameters": [
                _parameter(each, _moved(schema))
                for each, schema in zip(parameters, document["parameters"], strict=True)
            ]
        }
        if content and operation.body:
            schema = _moved(document["contents"][0])
            told["requestBody"] = {
                "required": operation.body.required,
                "content": {content.media_type: {"schema": schema}},
            }
        return told

    def _can_be_sent(
        self, operation: Operation, parameters: list[Parameter], content: Content | None
    ) -> bool:
        is_plain = all(each.location in _LOCATIONS and not each.media_type for each in parameters)
        has_inputs = bool(parameters or content)
        may_be_empty = operation.body is None or not operation.body.required
        is_known = content is not None or may_be_empty
        return operation.method in METHODS and is_plain and has_inputs and is_known


def _json_content(operation: Operation) -> Content | None:
    contents = operation.body.contents if operation.body else ()
    return next((each for each in contents if bodies.is_json(each)), None)


def _is_https_own(parameter: Parameter) -> bool:
    return parameter.location == "header" and parameter.name.lower() in _HTTPS_OWN


def _parameter(parameter: Parameter, schema: Json) -> Mapping[str, Json]:
    return {
        "name": parameter.name,
        "in": parameter.location,
        "required": parameter.required or parameter.location == "path",
        "style": parameter.style,
        "explode": parameter.explode,
        "schema": schema,
    }


def _moved(schema: Json) -> Json:
    """The schema with references to where a contract keeps what counts for requests."""
    if isinstance(schema, Mapping):
        return {
            key: f"#/inputs/{each.removeprefix(_PREFIX)}"
            if key == "$ref" and isinstance(each, str)
            else _moved(each)
            for key, each in schema.items()
        }
    return [_moved(each) for each in schema] if isinstance(schema, list | tuple) else schema
