"""From the paths of a description to operations; what cannot be used is named and skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from app.errors import DescriptionError
from app.openapi import limits, security, servers
from app.openapi.context import Context
from app.openapi.model import Body, Operation, Parameter, Response
from app.openapi.parameters import is_header_name
from app.openapi.tree import Json, Node, prose

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_METHODS_OF_32 = frozenset({"query"})
#: Under it a path item of OpenAPI 3.2 has the methods that have no key of their own.
_FURTHER = "additionalOperations"
#: What a path item holds beside operations.
_OTHER_KEYS = frozenset({"$ref", "parameters", "servers", "summary", "description", _FURTHER})


class Dialect(Protocol):
    """How one family of versions spells the parts of an operation."""

    def inputs(
        self, path: str, item: Node, operation: Node
    ) -> tuple[tuple[Parameter, ...], Body | None]:
        """The parameters and the body, those of the path item included."""
        ...

    def responses(self, operation: Node) -> tuple[Response, ...]:
        """The documented answers."""
        ...


def read(context: Context, dialect: Dialect) -> tuple[Operation, ...]:
    """Every operation that can be tested, in the order of the description.

    DescriptionError when `paths` is no object or there are too many operations.
    """
    paths = context.root.get("paths")
    if paths is None:
        if "webhooks" not in (context.root.value if isinstance(context.root.value, dict) else {}):
            context.problems.add("#", "The description has no paths.")
        return ()
    if not isinstance(paths.value, dict):
        raise DescriptionError(
            "The paths are no object.", where="#/paths", hint="Each path is a key under 'paths'."
        )
    found: list[Operation] = []
    by_default = security.required(context, context.root) or ()
    for entry in paths.items():
        if entry.token.startswith("x-"):
            continue
        found.extend(_operations(context, dialect, entry, by_default))
        if len(found) > limits.MAX_OPERATIONS:
            raise DescriptionError(
                f"There are more than {limits.MAX_OPERATIONS:,} operations.",
                where="#/paths",
                hint="Split the description.",
            )
    return tuple(found)


def _operations(
    context: Context, dialect: Dialect, entry: Node, by_default: tuple[frozenset[str], ...]
) -> Iterator[Operation]:
    reason = _objection(entry.token)
    if reason:
        context.problems.add(entry.pointer, f"The path is left out: {reason}.")
        return
    item = _item(context, entry)
    if item is None:
        return
    taken: set[str] = set()
    for node in _methods(context, item):
        method = node.token.upper()
        if method in taken:
            context.problems.add(node.pointer, f"{method} is described twice; the first counts.")
            continue
        if not isinstance(node.value, dict):
            context.problems.add(node.pointer, "The operation is left out: it is no object.")
            continue
        taken.add(method)
        context.problems.spend()
        operation = _operation(dialect, entry.token, item, node)
        required = security.required(context, node)
        asking = context.root if required is None else node
        yield replace(
            operation,
            security=by_default if required is None else required,
            scopes=security.scopes(asking),
            servers=servers.of_part(node) or servers.of_part(item),
        )


def _objection(path: str) -> str:
    """Why a path cannot be tested; empty when it can."""
    if not path.startswith("/"):
        return "it does not start with '/'"
    if path.startswith("//"):
        return "'//' starts the address of another server"
    if "\x00" in path:
        return "it holds the character NUL"
    if len(path) > limits.MAX_PATH_LENGTH:
        return f"it is longer than {limits.MAX_PATH_LENGTH} characters"
    return ""


def _item(context: Context, entry: Node) -> Node | None:
    """The path item, merged with the one it refers to; what it says itself comes first."""
    if not isinstance(entry.value, dict) or "$ref" not in entry.value:
        return context.object_at(entry, "path")
    target = context.object_at(entry, "path")
    own = {key: value for key, value in entry.value.items() if key != "$ref"}
    if target is None or not own or not isinstance(target.value, dict):
        return target
    merged: dict[str, Json] = {**target.value, **own}
    return Node(target.document, merged, target.parent, target.token)


def _methods(context: Context, item: Node) -> Iterator[Node]:
    """The places of operations in a path item, the regularly spelled ones first."""
    spelled = [node for node in item.items() if node.token in _METHODS]
    others = [node for node in item.items() if node.token not in _METHODS | _OTHER_KEYS]
    for node in others:
        if node.token.startswith("x-"):
            continue
        if context.dialect == "3.2" and node.token in _METHODS_OF_32:
            spelled.append(node)
        elif node.token.lower() in _METHODS:
            context.problems.add(node.pointer, "Methods are written in lower case; read as such.")
            spelled.append(node)
        else:
            name = node.token[:50]
            context.problems.add(node.pointer, f"'{name}' is no method of OpenAPI; left out.")
    further = item.get(_FURTHER) if context.dialect == "3.2" else None
    for node in further.items() if further else ():
        if is_header_name(node.token):
            spelled.append(node)
        else:
            context.problems.add(node.pointer, "The operation is left out: this is no method.")
    return iter(spelled)


def _operation(dialect: Dialect, path: str, item: Node, node: Node) -> Operation:
    parameters, body = dialect.inputs(path, item, node)
    value = node.value if isinstance(node.value, dict) else {}
    tags = value.get("tags")
    return Operation(
        method=node.token.upper(),
        path=path,
        pointer=node.pointer,
        operation_id=prose(value.get("operationId")),
        summary=prose(value.get("summary")),
        description=prose(value.get("description")),
        tags=tuple(filter(None, map(prose, tags))) if isinstance(tags, list) else (),
        deprecated=value.get("deprecated") is True,
        parameters=parameters,
        body=body,
        responses=dialect.responses(node),
    )
