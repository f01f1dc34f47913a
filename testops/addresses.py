"""Builds the addresses requests go to: path templates, queries, and the way through a gateway."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import quote, urlsplit

from testops.json_values import Json

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: What RFC 3986 lets stand in a path segment besides letters and digits; "/" is not among them.
_SEGMENT = "-._~!$&'()*+,;=:@"
#: A documented path may hold "/", what is already encoded, and (against the rules) a query.
_TEMPLATE = f"{_SEGMENT}/%?"
#: What stands in a query as it is where reserved characters may (RFC 6570, section 3.2.3; OpenAPI
#: 3.1, `allowReserved`). Not those that end the value, that forms read as a space, or that RFC 3986
#: has in no query: `&`, `#`, `+`, `[` and `]`.
_RESERVED = ":/?@!$'()*,;="
_DOTS = {".": "%2E", "..": "%2E%2E"}


def path_of(template: str, values: Mapping[str, Json]) -> str:
    """The template with percent-encoded values; raises ValueError where a value is missing.

    A fragment, by which some descriptions tell operations on one path apart, is never sent
    (RFC 9110, section 7.1).
    """
    parts = _PLACEHOLDER.split(template.partition("#")[0])
    missing = [name for name in parts[1::2] if name not in values]
    if missing:
        raise ValueError(f"{template} needs a value for {', '.join(missing)}.")
    parts[::2] = [quote(text, safe=_TEMPLATE) for text in parts[::2]]
    parts[1::2] = [_segment(text_of(values[name])) for name in parts[1::2]]
    return "".join(parts)


def values_in(template: str, path: str) -> dict[str, str] | None:
    """The values that the placeholders have in a path, as they stand in it; None for another path.

    A name that stands twice has its last value.
    """
    parts = _PLACEHOLDER.split(template.partition("#")[0])
    literals = [re.escape(quote(text, safe=_TEMPLATE)) for text in parts[::2]]
    found = re.fullmatch("([^/?]+)".join(literals), path)
    return dict(zip(parts[1::2], found.groups(), strict=True)) if found else None


def query_of(values: Mapping[str, Json], reserved: Collection[str] = ()) -> str:
    """The query string; a list repeats its name, None leaves its name out.

    In the values of the names in `reserved`, and of parts of them (`filter[kind]`), reserved
    characters stand as they are.
    """
    pairs = [
        (name, item)
        for name, value in values.items()
        for item in (value if isinstance(value, list | tuple) else [value])
        if item is not None
    ]
    return "&".join(
        f"{quote(name, safe='[]')}={quote(text_of(item), safe=_as_it_is(name, reserved))}"
        for name, item in pairs
    )


def _as_it_is(name: str, reserved: Collection[str]) -> str:
    """The characters of a value that are not encoded."""
    return _RESERVED if name.partition("[")[0] in reserved else ""


def joined(base_url: str, path: str, query: str) -> str:
    """The absolute address of a path below a base URL."""
    address = base_url.rstrip("/") + path
    if not query:
        return address
    return f"{address}{'&' if '?' in path else '?'}{query}"


def through(gateway: str, address: str) -> tuple[str, dict[str, str]]:
    """The same address asked of a gateway, and the headers that name the true target."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    headers = {"Host": parts.netloc, "X-Testops-Target": f"{parts.scheme}://{parts.netloc}"}
    return f"{gateway.rstrip('/')}{parts.path or '/'}{query}", headers


def text_of(value: Json) -> str:
    """A scalar as it stands in an address: booleans as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _segment(text: str) -> str:
    # A client would resolve "." and ".." and so ask for another path.
    return _DOTS.get(text) or quote(text, safe=_SEGMENT)
