"""Finds what proves who is asking in a request, and keeps how it was done but not the proof.

A browser's recording or a copied command line holds somebody's session: it must reach neither the
database nor a written test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from app.domain import redaction
from app.openapi.imports.samples import FormField, Pairs, Payload, Scheme
from app.openapi.tree import Json

#: What stands in place of a secret in a body.
PLACEHOLDER = "secret"

#: Names of parameters, cookies and properties whose value is a secret.
_SECRET = re.compile(
    r"(?i)(?:^|[_\-.])(?:api[_-]?key|apikey|auth|authorization|jwt|pass(?:word|wd|phrase)?|secret"
    r"|session(?:[_-]?id)?|sid|sig|signature|token)$|(?:Token|Secret|Password|ApiKey)$"
)
#: What a scheme's name may be made of (OpenAPI 3.1, "Components Object").
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def is_secret(name: str) -> bool:
    """Whether a value of this name proves who is asking, by what is customary."""
    return bool(_SECRET.search(name))


def of_headers(headers: Pairs) -> tuple[Pairs, tuple[Scheme, ...]]:
    """The headers without credentials, and the schemes these belong to."""
    schemes: dict[str, Scheme] = {}
    kept: list[tuple[str, str]] = []
    for name, value in headers:
        if redaction.is_secret_header(name):
            schemes.update({each.name: each for each in _of_header(name, value)})
        else:
            kept.append((name, value))
    return tuple(kept), tuple(schemes.values())


def of_query(query: Pairs) -> tuple[Pairs, tuple[Scheme, ...]]:
    """The query without credentials, and the schemes these belong to."""
    schemes = {name: key("query", name) for name, _ in query if is_secret(name)}
    kept = tuple((name, value) for name, value in query if name not in schemes)
    return kept, tuple(schemes.values())


def key(location: str, parameter: str) -> Scheme:
    """A key in a header, the query or a cookie."""
    definition = {"type": "apiKey", "in": location, "name": parameter}
    return Scheme(_NO_NAME.sub("-", f"{location}-{parameter}"), definition)


def http(scheme: str) -> Scheme:
    """A scheme of the Authorization header (RFC 9110, section 11.4)."""
    return Scheme(_NO_NAME.sub("-", scheme.lower()), {"type": "http", "scheme": scheme.lower()})


def _of_header(name: str, value: str) -> Iterator[Scheme]:
    match name.lower():
        case "authorization":
            scheme, space, _ = value.strip().partition(" ")
            yield http(scheme) if space else key("header", name)
        case "cookie":
            names = (part.partition("=")[0].strip() for part in value.split(";"))
            yield from (key("cookie", cookie) for cookie in names if is_secret(cookie))
        case _:
            yield key("header", name)


def without_secrets(payload: Payload) -> tuple[Payload, tuple[str, ...]]:
    """A body with a placeholder for each secret in it, and the names of these; it needs them."""
    secret = [each.name for each in payload.fields if is_secret(each.name) and each.value]
    fields = tuple(
        FormField(each.name, PLACEHOLDER) if each.name in secret else each
        for each in payload.fields
    )
    try:
        tree: Json = json.loads(payload.text) if payload.text else None
    except (ValueError, RecursionError):
        tree = None
    masked = _mask(tree)
    names = tuple(dict.fromkeys((*secret, *masked)))
    text = json.dumps(tree) if masked else payload.text
    needs = (*payload.needs, *names)
    return replace(payload, text=text, fields=fields, needs=needs), names


def _mask(tree: Json) -> list[str]:
    """Put the placeholder in place of secrets, and list their names."""
    found: list[str] = []
    pending = [tree]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            for name, value in part.items():
                if isinstance(value, str) and value and is_secret(name):
                    part[name] = PLACEHOLDER
                    found.append(name)
                else:
                    pending.append(value)
    return found
