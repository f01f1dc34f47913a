"""Recorded exchanges as a page shows them: JSON laid out, nothing else changed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter

from app.domain.results import Exchange, Message, Rerun

_STORED = TypeAdapter(list[Exchange])
_STORED_RERUNS = TypeAdapter(list[Rerun])

#: Strings, brackets, and whatever else stands between white space.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')

#: Deeper JSON stays as it came: indented, it would be mostly white space.
_MAX_DEPTH = 30


def shown(stored: object) -> Sequence[Exchange]:
    """The exchanges of a result, from their stored form, with JSON bodies laid out."""
    return [_laid_out_sides(one) for one in _STORED.validate_python(stored)]


def reruns(stored: object) -> Sequence[Rerun]:
    """The reruns of a result, from their stored form."""
    return [
        replace(one, exchanges=tuple(_laid_out_sides(exchange) for exchange in one.exchanges))
        for one in _STORED_RERUNS.validate_python(stored)
    ]


def _laid_out_sides(one: Exchange) -> Exchange:
    return replace(one, request=_shown(one.request), response=one.response and _shown(one.response))


def _shown(message: Message) -> Message:
    return replace(message, body=laid_out(message.body))


def laid_out(body: str) -> str:
    """JSON over several lines, anything else unchanged.

    Only white space between tokens changes: numbers, escapes, repeated and ordered keys are
    evidence, and stay as they went over the wire.
    """
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return body
    return _laid_out(_TOKEN.findall(body)) or body


def _laid_out(tokens: Sequence[str]) -> str:
    parts: list[str] = []
    depth = 0
    for mark, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if mark in "]}":
            depth -= 1
        if mark in "[{":
            depth += 1
        if depth > _MAX_DEPTH:
            return ""
        parts.append(mark + _space_after(mark, following, depth))
    return "".join(parts)


def _space_after(mark: str, following: str, depth: int) -> str:
    """What stands between a mark and the next; `depth` counts what is open after the mark."""
    if not following or mark + following in {"[]", "{}"} or following in ",:":
        return ""
    if mark == ":":
        return " "
    inner = depth - 1 if following in "]}" else depth
    return "\n" + "  " * inner
