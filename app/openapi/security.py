"""Ways to prove who is asking: the schemes of a description, and which an operation asks for."""

from __future__ import annotations

from collections.abc import Mapping

from app.openapi import limits
from app.openapi.context import Context
from app.openapi.model import SecurityScheme
from app.openapi.parameters import is_header_name
from app.openapi.tree import Node, prose

_KINDS = frozenset({"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"})
_LOCATIONS = frozenset({"header", "query", "cookie"})


def schemes(context: Context, owner: Node, key: str) -> Mapping[str, SecurityScheme]:
    """The usable security schemes under a key, by name; the others become problems."""
    found: dict[str, SecurityScheme] = {}
    for entry in context.entries(owner, key):
        node = context.object_at(entry, "security scheme")
        scheme = _scheme(entry.token, node) if node else None
        if scheme:
            found[entry.token] = scheme
        elif node:
            context.problems.add(node.pointer, "The security scheme is left out: it is malformed.")
    return found


def _scheme(name: str, node: Node) -> SecurityScheme | None:
    value = node.value if isinstance(node.value, dict) else {}
    kind = prose(value.get("type"))
    if kind == "basic":
        return SecurityScheme(name, "http", scheme="basic")
    if kind == "apiKey":
        location, parameter = prose(value.get("in")), value.get("name")
        if location not in _LOCATIONS or not isinstance(parameter, str) or not parameter:
            return None
        if location != "query" and not is_header_name(parameter):
            return None
        return SecurityScheme(name, kind, location=location, parameter=parameter)
    if kind == "http":
        scheme = prose(value.get("scheme")).lower()
        return SecurityScheme(name, kind, scheme=scheme) if is_header_name(scheme) else None
    return SecurityScheme(name, kind) if kind in _KINDS else None


def required(context: Context, owner: Node) -> tuple[frozenset[str], ...] | None:
    """The alternatives that an operation, or the whole description, asks for; None if it is silent.

    A name that no scheme has stays in its alternative: leaving it out would say that no proof is
    asked for.
    """
    listed = owner.get("security")
    if listed is None:
        return None
    alternatives: dict[frozenset[str], None] = {}
    for element in listed.elements():
        context.problems.spend()
        if len(alternatives) == limits.MAX_ALTERNATIVES:
            context.problems.add(element.pointer, "So many alternatives are not looked at.")
            break
        if isinstance(element.value, dict):
            alternatives[frozenset(element.value)] = None
        else:
            context.problems.add(element.pointer, "The security requirement is no object.")
    return tuple(alternatives)
