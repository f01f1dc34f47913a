"""Addresses as tools keep them: with or without a scheme, the origin perhaps unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"(?P<origin>(?:[A-Za-z][A-Za-z0-9+.-]*://)?[^/?#]*)(?P<path>[^?#]*)")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-f:]+")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address."""

    #: "https://api.example.com"; empty where it is not known.
    origin: str
    #: Begins with a slash.
    path: str
    #: What stands after the question mark, as it was written.
    query: str = ""
    path_values: Mapping[str, str] = field(default_factory=dict)


def split(text: str) -> tuple[str, str]:
    """What stands before the path, and the path."""
    found = _ADDRESS.match(text.strip())
    return (found["origin"], found["path"]) if found else ("", "")


def read(text: str) -> Address:
    """The parts of an address; credentials in it are dropped."""
    before, path = split(text)
    query = text.partition("#")[0].partition("?")[2]
    return Address(origin_of(before), path_of(path), query)


def origin_of(text: str) -> str:
    """Scheme, host and port, of http and https only; without a scheme it is http, as with curl."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def path_of(text: str) -> str:
    """A path as OpenAPI has it: one slash at its beginning; one at its end makes another path."""
    return f"/{text.lstrip('/')}"
