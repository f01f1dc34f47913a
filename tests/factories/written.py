"""What the offline writer makes of an operation, function by function."""

from __future__ import annotations

import re

from app.ai import offline
from app.openapi.model import Operation, Schema
from tests.factories.descriptions import body, content, describe, operation, parameter


def functions(own: Operation, *others: Operation, **schemas: Schema) -> dict[str, str]:
    """Check or fixture → source of its function, decorators included."""
    script = offline.write_case(describe(own, *others, schemas=schemas), own).script
    parts = re.split(r"\n\n\n(?=@|def )", script)[1:]
    return {re.findall(r"def (?:test_)?(\w+)", part)[0]: part for part in parts}


def of_query(schema: Schema, name: str = "size") -> dict[str, str]:
    """The checks of an optional query parameter, by their names after its own."""
    own = operation("GET", "/pets", parameter(name, schema=schema, required=False))
    return _about(f"query_{name}_", functions(own))


def of_property(schema: Schema, name: str = "size", **schemas: Schema) -> dict[str, str]:
    """The checks of a required property of a JSON body, by their names after its own."""
    whole = {"type": "object", "required": [name], "properties": {name: schema}}
    own = operation("POST", "/pets", body=body(content(whole)))
    return _about(f"body_{name}_", functions(own, **schemas))


def _about(prefix: str, found: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(prefix): source
        for name, source in found.items()
        if name.startswith(prefix)
    }


def request_in(source: str) -> str:
    """The line that sends the request under test."""
    [line] = re.findall(r"response = (.*?\))\n\n", source, re.DOTALL)
    return " ".join(str(line).split())
