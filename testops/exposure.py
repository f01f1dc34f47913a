"""What no answer should hold unless it is documented: passwords, keys, numbers of cards. Pure.

Excessive data exposure (OWASP API3:2023). Only names count that can mean nothing else, only texts,
and only where the schema lists what an object has: then one that is not listed was not meant to be
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from testops.json_values import Json

_SECRET = re.compile(
    r"(?:\w*_)?(?:password|passwd|passphrase)(?:_?(?:hash|hashed|digest|salt))?"
    r"|(?:t?otp|mfa|two_factor|client|webhook|signing|api)_?secret|(?:private|secret|api)_?key"
    r"|(?:credit_?)?card_?number|cvv2?|cvc2?|ssn|social_?security_?number",
    re.IGNORECASE,
)
#: Whatever holds such a name holds one of these.
_HINT = re.compile(rb"pass|secret|(?:private|api)_?key|number|cvv|cvc|ssn", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: A text that hides what stood there.
_MASKED = re.compile(r"[*x•.\[\]<>-]*(?:redacted|hidden|masked)?[*x•.\[\]<>-]*", re.IGNORECASE)


def is_suspect(body: bytes) -> bool:
    """Whether a body may hold such a name at all."""
    return _HINT.search(body) is not None


def secrets(value: Json) -> Iterator[str]:
    """The names of such properties in a JSON value that hold more than a mask."""
    for part in _parts(value):
        if isinstance(part, Mapping):
            for name, held in part.items():
                is_told = isinstance(held, str) and not _MASKED.fullmatch(held)
                if is_told and _SECRET.fullmatch(_CAMEL.sub("_", name)):
                    yield name


def listed(schema: Json, document: Mapping[str, Json]) -> frozenset[str] | None:
    """The names of the properties that a schema, or one it refers to in the document, lists.

    None where some object in it may have any others.
    """
    names: set[str] = set()
    seen: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if _is_open(part):
            return None
        if isinstance(part, Mapping):
            names |= part.get("properties", {}).keys()
            waiting += _inner(part)
            target = str(part.get("$ref", ""))
            if target and target not in seen:
                seen.add(target)
                waiting.append(_at(document, target))
    return frozenset(names)


_SINGLES = ("items", "additionalProperties", "contains", "if", "then", "else", "not")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
#: A schema with one of these says more than that there is an object.
_SAYING = frozenset({"$ref", "properties", "enum", "const", "if", *_LISTS})


def _inner(schema: Mapping[str, Json]) -> Iterator[Json]:
    yield from (schema[key] for key in _SINGLES if key in schema)
    yield from (part for key in _LISTS for part in schema.get(key, ()))
    yield from schema.get("properties", {}).values()


def _is_open(schema: Json) -> bool:
    """Whether an object of this schema may have properties that nothing lists."""
    if not isinstance(schema, Mapping):
        return schema is True
    others = schema.get("additionalProperties", False)
    if others is not False or "patternProperties" in schema:
        return True
    return "object" in schema.get("type", "object") and not _SAYING & schema.keys()


def _at(document: Mapping[str, Json], reference: str) -> Json:
    name = reference.removeprefix("#/schemas/").replace("~1", "/").replace("~0", "~")
    return document.get("schemas", {}).get(unquote(name), True)


def _parts(value: Json) -> Iterator[Json]:
    waiting = [value]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
