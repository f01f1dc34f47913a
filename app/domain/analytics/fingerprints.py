"""Fingerprints: the same failure, wherever and whenever it comes, has the same one.

What varies from run to run and from operation to operation is taken out of the message: addresses,
identifiers, moments, numbers, and quotations of what was received. Names of properties stay.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from app.domain.analytics.facts import Asked

#: Lines of a message that only say where something stands or quote what came.
_ASIDES = ("Documented at ", "Body: ", "Location: ")

#: From the most to the least particular; each takes away what the next might take for its own.
_VARYING: Final[Sequence[tuple[re.Pattern[str], str]]] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE), "<url>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (
        re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"),
        "<moment>",
    ),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "<number>"),
    (re.compile(r"\"(?:[^\"\\\n]|\\.){25,}\""), "<text>"),
    (re.compile(r"'(?:[^'\\\n]|\\.){25,}'"), "<text>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b", re.IGNORECASE), "<id>"),
    (
        re.compile(r"(?<![\w.])(?!\dxx\b)[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE),
        "<number>",
    ),
    (re.compile(r"(?<=/)<number>(?=[/:\s]|$)"), "<item>"),
    # Documented statuses, as many as an operation has.
    (re.compile(r"<number>(?:, <number>)+"), "<numbers>"),
)
#: `testops` says "GET http://… answered 404 Not Found: expected …".
_ANSWERED = re.compile(r"\b[A-Z]+ \S+ answered (?=(?:HTTP)?\d{3}\b)")
#: A status with its reason phrase is no mere number.
_STATUS = re.compile(r"\b(?P<status>[1-5]\d\d)(?= [A-Z])|(?<=answered )(?P<bare>\d{3})\b")

#: What may be a status: titles keep it, though it differs from one operation to the next.
_ANY_STATUS = re.compile(r"(?<![\w./:-])[1-5]\d\d(?![\w/-])")

#: Characters of a message that are looked at: the rest quotes.
_LENGTH: Final = 4000
#: Characters of a title.
_TITLE: Final = 300


def normal(message: str) -> str:
    """A message without what varies; lines stay lines."""
    lines = [line.strip() for line in message[:_LENGTH].splitlines()]
    text = "\n".join(line for line in lines if line and not line.startswith(_ASIDES))
    text = _STATUS.sub(lambda found: _named(found[0]), _ANSWERED.sub("answered ", text))
    for pattern, sign in _VARYING:
        text = pattern.sub(sign, text)
    return re.sub(r"[ \t]+", " ", text)


def title(message: str) -> str:
    """What a group of failures is called: the normal message's first line, and the next one."""
    kept = _ANY_STATUS.sub(lambda found: _named(found[0]), message)
    lines = " ".join(normal(kept).splitlines()[:2])
    return re.sub(r"\bHTTP(\d{3})\b", r"\1", lines)[:_TITLE] or "No message"


def of(message: str, asked: Asked | None) -> str:
    """The fingerprint of a failure: of its message and of what the last exchange came to.

    32 hexadecimal digits.
    """
    came = "" if asked is None else f"{asked.status} {normal(asked.error)}"
    return hashlib.sha256(f"{normal(message)}\0{came}".encode()).hexdigest()[:32]


def _named(status: str) -> str:
    """A status in letters, so that it is not taken for a number: 404 → "HTTP404"."""
    return f"HTTP{status}"
