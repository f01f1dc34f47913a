"""Schemas as they count in one direction only.

A required property that is `readOnly` is required in responses only, one that is `writeOnly` in
requests only (OpenAPI 3.0, section "Schema Object"; 3.1 takes both from JSON Schema). What says
nothing about a value's validity is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.ai import merging
from app.openapi.model import Schema
from testops.json_values import Json


class Direction(StrEnum):
    """Which way a value goes; the value is the keyword of properties that do not go along."""

    REQUEST = "readOnly"
    RESPONSE = "writeOnly"


_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SINGLES = frozenset(
    {
        "items",
        "additionalProperties",
        "not",
        "if",
        "then",
        "else",
        "contains",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_PLAIN = frozenset(
    {
        "$ref",
        "type",
        "enum",
        "const",
        "format",
        "pattern",
        "required",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minContains",
        "maxContains",
        "minProperties",
        "maxProperties",
        "dependentRequired",
    }
)


class Lens:
    """Sees schemas as they count in one direction."""

    def __init__(self, direction: Direction, schemas: Mapping[str, Schema]) -> None:
        self._direction = direction
        self._schemas = schemas

    def schema(self, schema: Schema, hidden: frozenset[str] = frozenset()) -> Json:
        """The schema without what does not count; `hidden` names are never required."""
        if isinstance(schema, bool):
            return schema
        hidden |= self.hidden_in(schema)
        result: dict[str, Json] = {}
        for key, value in schema.items():
            if key == "required":
                result[key] = [name for name in value if name not in hidden]
            elif key in _PLAIN:
                result[key] = value
            elif key in _SINGLES:
                result[key] = self.schema(value)
            elif key in _LISTS:
                result[key] = [self.schema(part, hidden) for part in value]
            elif key in _MAPS:
                result[key] = {name: self.schema(part) for name, part in value.items()}
        return result

    def hidden_in(self, schema: Schema) -> frozenset[str]:
        """Names of the properties that do not go this way."""
        whole = merging.merged(schema, self._schemas) or {}
        properties: Mapping[str, Schema] = whole.get("properties", {})
        return frozenset(name for name, part in properties.items() if self._is_hidden(part))

    def _is_hidden(self, schema: Schema) -> bool:
        whole = merging.merged(schema, self._schemas) or {}
        return whole.get(self._direction) is True
