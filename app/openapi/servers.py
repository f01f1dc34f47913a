"""Base URLs of a description: http and https only, absolute, and nothing odd in them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

from app.openapi.context import Context
from app.openapi.tree import Json, Node, prose

_SCHEMES = frozenset({"http", "https"})
_VARIABLE = re.compile(r"\{([^{}]*)\}")
#: RFC 3986: what a URL is made of, without the quotes and brackets it would allow in places.
_URL = re.compile(r"[A-Za-z0-9:/?\[\]@!$&()*+,;=._~%-]*")
#: Values besides the defaults that are tried in one template.
_MAX_OTHERS = 20
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")


def of_openapi3(context: Context, origin: str) -> tuple[str, ...]:
    """The usable servers of an OpenAPI 3 description; "/" where it lists none."""
    listed = context.root.get("servers")
    found = _listed(context, context.root, origin)
    if not found and not (listed and listed.value) and _is_http(origin):
        found[_tidy(urljoin(origin, "/"))] = None
    return tuple(found)


def of_part(owner: Node) -> tuple[str, ...]:
    """The absolute servers that a path or an operation has of its own."""
    listed = owner.get("servers")
    elements = list(listed.elements()) if listed else []
    urls = [url for each in elements for url in _filled(_template(each), each)]
    return tuple(dict.fromkeys(_tidy(url) for url in urls if not _objection(url, "")))


def _template(server: Node) -> str:
    template = server.get("url")
    return template.value if template and isinstance(template.value, str) else ""


def _listed(context: Context, owner: Node, origin: str) -> dict[str, None]:
    listed = owner.get("servers")
    found: dict[str, None] = {}
    for element in listed.elements() if listed else ():
        context.problems.spend()
        template = element.get("url")
        if template is None or not isinstance(template.value, str):
            context.problems.add(element.pointer, "The server is left out: it has no 'url'.")
            continue
        for url in _filled(template.value or "/", element):
            _add(context, found, element, url, origin)
    return found


def of_swagger2(context: Context, origin: str) -> tuple[str, ...]:
    """The base URLs that `schemes`, `host` and `basePath` make; both schemes where none is said."""
    root = context.root
    value = root.value if isinstance(root.value, dict) else {}
    known = urlsplit(origin) if _is_http(origin) else None
    host = prose(value.get("host")) or (known.netloc.rpartition("@")[2] if known else "")
    if not host:
        return ()
    path = prose(value.get("basePath"))
    base = f"{host}/{path.lstrip('/')}"
    found: dict[str, None] = {}
    for scheme in _schemes(value.get("schemes"), known.scheme if known else ""):
        _add(context, found, root.get("host") or root, f"{scheme}://{base}", origin)
    return tuple(found)


def _schemes(listed: Json, known: str) -> Iterator[str]:
    given = [prose(scheme).lower() for scheme in listed] if isinstance(listed, list) else []
    web = [scheme for scheme in given if scheme in _SCHEMES]
    yield from web or ([known] if known else ["https", "http"])


def _filled(template: str, server: Node) -> Iterator[str]:
    """The URL with each variable replaced by its default, then with the values it may have.

    Of several variables one at a time takes another value. Unknown ones stay and are refused.
    """
    values = {name: _values(server, name) for name in _VARIABLE.findall(template)}
    usual = {name: given[0] for name, given in values.items() if given}
    yield _with(template, usual)
    others = [(name, value) for name, given in values.items() for value in given[1:]]
    for name, value in others[:_MAX_OTHERS]:
        yield _with(template, {**usual, name: value})


def _with(template: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), template)


def _values(server: Node, name: str) -> list[str]:
    """What a variable may be, its default first."""
    variables = server.get("variables")
    variable = variables.get(name) if variables else None
    if variable is None:
        return []
    default, listed = variable.get("default"), variable.get("enum")
    given = [prose(default.value)] if default else []
    given += [prose(each.value) for each in (listed.elements() if listed else ())]
    return list(dict.fromkeys(given))


def _add(context: Context, found: dict[str, None], node: Node, url: str, origin: str) -> None:
    objection = _objection(url, origin)
    if objection:
        context.problems.add(node.pointer, f"The server is left out: {objection}.")
    else:
        found[_tidy(urljoin(origin, url) if _is_http(origin) else url)] = None


def _objection(url: str, origin: str) -> str:
    """Why a server cannot be used; empty when it can."""
    if not _URL.fullmatch(url):
        return "its URL holds characters that no URL has, or a variable without a default"
    try:
        parts = urlsplit(urljoin(origin, url) if _is_http(origin) else url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError as error:
        return f"its URL is malformed ({error})"
    if not parts.scheme and not parts.netloc:
        return "it is relative, and where the description came from is not known"
    if parts.scheme not in _SCHEMES:
        return "it is not http or https"
    return _objection_to_place(parts.netloc.removesuffix(port), host, parts.query)


def _objection_to_place(netloc: str, host: str, query: str) -> str:
    if not _HOST.fullmatch(netloc) or query:
        return "its URL holds credentials, a query or no host"
    return "it is a link-local address, as metadata services have" if _is_link_local(host) else ""


def _is_link_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_link_local
    except ValueError:
        return False


def _is_http(origin: str) -> bool:
    return origin.startswith(("http://", "https://"))


def _tidy(url: str) -> str:
    return url.rstrip("/")
