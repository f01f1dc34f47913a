"""The API description of the demo: the one source of its routes, its schemas and its promises."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import jsonschema_rs
import yaml

#: Path items hold more than methods; these are the methods the demo uses.
METHODS = ("get", "post", "put", "patch", "delete")
#: The names of parameters inside a path.
NAMES = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the description, as the application serves it."""

    operation_id: str
    #: Upper case.
    method: str
    #: As documented: "/books/{bookId}".
    path: str

    @property
    def key(self) -> str:
        """The operation's name: "GET /books/{bookId}"."""
        return f"{self.method} {self.path}"

    @property
    def rule(self) -> str:
        """The path as Flask writes it: "/books/<bookId>"."""
        return NAMES.sub(r"<\1>", self.path)


@functools.cache
def _loaded() -> dict[str, Any]:
    text = resources.files("demo").joinpath("openapi.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def document() -> dict[str, Any]:
    """The description as it is served; each caller has a copy of its own and may change it."""
    return copy.deepcopy(_loaded())


def routes() -> Iterator[Route]:
    """Every operation of the description, in its order."""
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                yield Route(item[method]["operationId"], method.upper(), path)


@functools.cache
def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """Validates values against one schema of the description; formats are checked too."""
    schema = {
        "$ref": f"#/components/schemas/{name}",
        "components": {"schemas": document()["components"]["schemas"]},
    }
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
