"""Ways to prove who is asking: the schemes of a description, and which an operation asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from app.openapi import limits
from app.openapi.context import Context
from app.openapi.model import Flow, SecurityScheme
from app.openapi.parameters import is_header_name
from app.openapi.tree import Node, prose

_KINDS = frozenset({"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"})
_LOCATIONS = frozenset({"header", "query", "cookie"})
_FLOWS = ("clientCredentials", "password", "authorizationCode", "implicit", "deviceAuthorization")
#: OpenAPI 3.2: where a server of OAuth 2 describes itself (RFC 8414).
_METADATA = "oauth2MetadataUrl"
#: What Swagger 2.0 calls the flows.
_FLOWS_OF_2 = {
    "application": "clientCredentials",
    "password": "password",
    "accessCode": "authorizationCode",
    "implicit": "implicit",
}


def schemes(context: Context, owner: Node, key: str) -> Mapping[str, SecurityScheme]:
    """The usable security schemes under a key, by name; the others become problems."""
    found: dict[str, SecurityScheme] = {}
    for entry in context.entries(owner, key):
        node = context.object_at(entry, "security scheme")
        scheme = _scheme(context, entry.token, node) if node else None
        if scheme:
            found[entry.token] = scheme
        elif node:
            context.problems.add(node.pointer, "The security scheme is left out: it is malformed.")
    return found


def _scheme(context: Context, name: str, node: Node) -> SecurityScheme | None:
    kind = _text(node, "type")
    if kind == "basic":
        return SecurityScheme(name, "http", scheme="basic")
    if kind == "apiKey":
        return _api_key(name, node)
    if kind == "http":
        scheme, hint = _text(node, "scheme").lower(), _text(node, "bearerFormat")
        usable = is_header_name(scheme)
        return SecurityScheme(name, kind, scheme=scheme, bearer_format=hint) if usable else None
    if kind not in _KINDS:
        return None
    is_oauth = kind == "oauth2"
    return SecurityScheme(
        name,
        kind,
        flows=tuple(_flows(context, node)) if is_oauth else (),
        discovery_url=_address(context, node, _METADATA if is_oauth else "openIdConnectUrl"),
    )


def _api_key(name: str, node: Node) -> SecurityScheme | None:
    location, parameter = _text(node, "in"), node.get("name")
    if location not in _LOCATIONS or parameter is None or not isinstance(parameter.value, str):
        return None
    if not parameter.value or (location != "query" and not is_header_name(parameter.value)):
        return None
    return SecurityScheme(name, "apiKey", location=location, parameter=parameter.value)


def _text(node: Node, key: str) -> str:
    return prose(node.value.get(key)) if isinstance(node.value, dict) else ""


def _flows(context: Context, node: Node) -> Iterator[Flow]:
    """The flows of OAuth 2; Swagger 2.0 has one, whose parts stand in the scheme itself."""
    listed = node.get("flows")
    only = _FLOWS_OF_2.get(_text(node, "flow"))
    if listed is None and only:
        yield _flow(context, only, node)
    for entry in listed.items() if listed else ():
        if entry.token in _FLOWS:
            yield _flow(context, entry.token, entry)
        elif not entry.token.startswith("x-"):
            name = entry.token[:50]
            context.problems.add(entry.pointer, f"The flow '{name}' is left out: it is not known.")


def _flow(context: Context, kind: str, node: Node) -> Flow:
    place = "deviceAuthorizationUrl" if kind == "deviceAuthorization" else "authorizationUrl"
    scopes = node.get("scopes")
    return Flow(
        kind=kind,
        authorization_url=_address(context, node, place),
        token_url=_address(context, node, "tokenUrl"),
        scopes=tuple(each.token for each in scopes.items()) if scopes else (),
    )


def _address(context: Context, node: Node, key: str) -> str:
    """An address of http or https, as it may be asked; nothing is asked here."""
    found = node.get(key)
    if found is None:
        return ""
    try:
        parts = urlsplit(prose(found.value))
        usable = parts.scheme in {"http", "https", ""} and "@" not in parts.netloc
    except ValueError:
        usable = False
    if usable:
        return prose(found.value)
    context.problems.add(found.pointer, "The address is left out: it is not one of http or https.")
    return ""


def scopes(owner: Node) -> dict[str, tuple[str, ...]]:
    """The scopes or roles that the requirements of an operation name, by scheme."""
    found: dict[str, dict[str, None]] = {}
    listed = owner.get("security")
    for element in listed.elements() if listed else ():
        for entry in element.items():
            names = [prose(each.value) for each in entry.elements()]
            found.setdefault(entry.token, {}).update(dict.fromkeys(filter(None, names)))
    return {name: tuple(names) for name, names in found.items() if names}


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
