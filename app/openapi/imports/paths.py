"""Tells in a path what names one thing of many: "/pets/12" is "/pets/{petId}" asked of pet 12."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

#: Numbers; UUIDs (RFC 9562); long hexadecimal; ULIDs; "cus_9s6XKzkNRiz8i3".
_IDENTIFIER = re.compile(
    r"[0-9]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|(?=[a-f]*[0-9])[0-9a-f]{16,}|(?=[A-Z]*[0-9])[0-9A-HJKMNP-TV-Z]{26}"
    r"|[a-z]{2,10}_(?=[A-Za-z]*[0-9])[A-Za-z0-9]{8,}"
)
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_NO_WORD = re.compile(r"[^A-Za-z0-9]+")


def is_identifier(segment: str) -> bool:
    """Whether a segment of a path looks like the name that a machine gave to one thing."""
    return bool(_IDENTIFIER.fullmatch(segment))


def templated(path: str) -> tuple[str, Mapping[str, str]]:
    """The path with its identifiers replaced by parameters, and their values.

    Each is named after the segment before it. What has none before it stays.
    """
    values: dict[str, str] = {}
    taken = set(_PARAMETER.findall(path))
    segments = path.split("/")
    for place, segment in enumerate(segments):
        before = segments[place - 1] if place > 1 else ""
        if before and "{" not in before and is_identifier(segment):
            name = _unused(f"{_singular(before)}Id", taken)
            taken.add(name)
            values[name] = unquote(segment)
            segments[place] = f"{{{name}}}"
    return "/".join(segments), values


def _singular(collection: str) -> str:
    """One of a collection: "pets" holds a pet, "order-items" an orderItem."""
    first, *others = _NO_WORD.split(unquote(collection).strip("-_.")) or [""]
    name = first + "".join(word.capitalize() for word in others)
    if name.endswith("ies") and len(name) > len("dies"):
        return f"{name[:-3]}y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us")) else name


def _unused(name: str, taken: set[str]) -> str:
    number = 2
    wanted = name
    while wanted in taken:
        wanted, number = f"{name}{number}", number + 1
    return wanted
