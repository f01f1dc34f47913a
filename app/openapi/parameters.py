"""What parameters of every dialect have in common: where they stand, who overrides whom."""

from __future__ import annotations

import re

from app.openapi.context import Context
from app.openapi.model import Parameter
from app.openapi.tree import Node

#: RFC 9110, section 5.6.2: what the name of a header field, and of a cookie, is made of.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
#: OpenAPI 3: header parameters of these names are ignored, other parts describe them.
_RESERVED_HEADERS = frozenset({"accept", "content-type", "authorization"})


def is_header_name(name: str) -> bool:
    """Whether HTTP allows a header field of this name."""
    return bool(_TOKEN.fullmatch(name))


def of_operation(context: Context, item: Node, operation: Node) -> list[Node]:
    """The parameter objects of an operation, references followed.

    Those of the operation override those of its path item where name and place are the same.
    """
    merged: dict[tuple[str, str], Node] = {}
    for owner in (item, operation):
        listed = owner.get("parameters")
        if listed is None:
            continue
        if not isinstance(listed.value, list):
            context.problems.add(listed.pointer, "The parameters are left out: no list.")
        for element in listed.elements():
            node = context.object_at(element, "parameter")
            key = _key(context, node) if node else None
            if node and key:
                merged[key] = node
    return list(merged.values())


def _key(context: Context, node: Node) -> tuple[str, str] | None:
    """Name and place of a parameter object; None, with a problem, where one is missing."""
    value = node.value if isinstance(node.value, dict) else {}
    name, location = value.get("name"), value.get("in")
    if isinstance(name, str) and name and isinstance(location, str):
        return name, location
    context.problems.add(node.pointer, "The parameter is left out: it needs 'name' and 'in'.")
    return None


def is_sendable(context: Context, node: Node, name: str, location: str) -> bool:
    """Whether a parameter can be sent; a problem tells why not, an ignored header needs none."""
    if location == "header" and context.dialect != "2.0" and name.lower() in _RESERVED_HEADERS:
        return False
    if location in {"header", "cookie"} and not is_header_name(name):
        context.problems.add(node.pointer, f"The {location} is left out: HTTP forbids its name.")
        return False
    return True


def completed(
    context: Context, path: str, operation: Node, given: list[Parameter]
) -> tuple[Parameter, ...]:
    """The parameters, exactly those of the path template among the ones in "path".

    A name of the template that nobody declares is taken as text.
    """
    names = dict.fromkeys(_TEMPLATE.findall(path))
    kept: list[Parameter] = []
    for parameter in given:
        if parameter.location == "path" and parameter.name not in names:
            message = f"The path has no '{{{parameter.name[:100]}}}'; the parameter is left out."
            context.problems.add(operation.pointer, message)
        else:
            kept.append(parameter)
    declared = {parameter.name for parameter in kept if parameter.location == "path"}
    for name in names:
        if name not in declared:
            message = f"'{{{name[:100]}}}' is not declared; it is taken as text."
            context.problems.add(operation.pointer, message)
            kept.append(_undeclared(name, operation))
    return tuple(kept)


def _undeclared(name: str, operation: Node) -> Parameter:
    return Parameter(
        name=name,
        location="path",
        required=True,
        schema={"type": "string"},
        pointer=operation.pointer,
        style="simple",
        explode=False,
    )
