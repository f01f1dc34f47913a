"""The first inputs that are generated in a process, which take ten times as long as the next ones.

The library for them is large, so the warm parent draws only once a module is there that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping

from testops.contract import Contract
from testops.json_values import Json

_KEY = "POST /things/{thingId}"
_FORMATS = ("date", "date-time", "email", "uuid", "uri", "ipv4")
#: What descriptions are made of, so that little is left that a case would be the first to do.
_THING: Mapping[str, Json] = {
    "type": "object",
    "required": ["name", "size", "tags", "made"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"},
        "size": {"type": "integer", "minimum": 0, "maximum": 9},
        "price": {"type": ["number", "null"]},
        "kind": {"enum": ["small", "large"]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "parts": {"type": "array", "items": {"$ref": "#/inputs/Part"}, "maxItems": 2},
        "made": {"anyOf": [{"type": "string", "format": each} for each in _FORMATS]},
    },
    "additionalProperties": False,
}
_PART: Mapping[str, Json] = {"type": "object", "properties": {"is_new": {"type": "boolean"}}}


def _parameter(name: str, place: str, schema: Mapping[str, Json]) -> Mapping[str, Json]:
    style = "form" if place in {"query", "cookie"} else "simple"
    return {
        "name": name,
        "in": place,
        "required": True,
        "style": style,
        "explode": style == "form",
        "schema": schema,
    }


_CONTRACT: Mapping[str, Json] = {
    "contract": 1,
    "title": "Things",
    "operations": {
        _KEY: {
            "pointer": "#/paths/~1things~1{thingId}/post",
            "responses": {},
            "inputs": {
                "parameters": [
                    _parameter("thingId", "path", {"type": "integer"}),
                    _parameter("sort", "query", {"type": "string"}),
                    _parameter("X-Tenant", "header", {"type": "string"}),
                    _parameter("theme", "cookie", {"type": "string"}),
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/inputs/Thing"}}},
                },
            },
        }
    },
    "schemas": {},
    "inputs": {"Thing": _THING, "Part": _PART},
}


def draw() -> int:
    """Draw inputs of an operation of our own; gives how many there were.

    Raises ImportError where what draws them is not installed.
    """
    from testops import drawing  # noqa: PLC0415 - an engine may never need it

    return len(drawing.parts(Contract(_CONTRACT).operation(_KEY, _KEY), {}, 3, 0))
