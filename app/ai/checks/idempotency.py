"""Gives every request an idempotency key of its own.

A server answers a key that it knows with what it answered before, whatever else is sent: a bad
request would be answered with the success of a good one.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from app.ai.checks.check import Check, Found
from app.ai.requests import Request
from app.ai.scenarios import Line, Scenario


def told_apart(found: Found, check: Check | Scenario) -> Check | Scenario:
    """The check with keys of its own; one that sends another key than usual keeps it."""
    if isinstance(check, Scenario):
        lines = enumerate(check.lines)
        renewed = (_with_keys(found, line, f"{check.name} {number}") for number, line in lines)
        return replace(check, lines=tuple(renewed))
    before = check.before and _renewed(found, check.before, f"{check.name} before")
    return replace(check, request=_renewed(found, check.request, check.name), before=before)


def _with_keys(found: Found, line: Line, purpose: str) -> Line:
    return replace(
        line,
        parts=tuple(
            _renewed(found, part, f"{purpose} {number}") if isinstance(part, Request) else part
            for number, part in enumerate(line.parts)
        ),
    )


def _renewed(found: Found, request: Request, purpose: str) -> Request:
    usual = found.inputs.request.headers
    keys = {
        name: str(uuid.UUID(int=chance.getrandbits(128), version=4))
        for name, text in request.headers.items()
        if "idempotency" in name.lower() and text == usual.get(name) and _is_uuid(text)
        for chance in [found.material.values.chance_of(f"{name} {purpose}")]
    }
    return replace(request, headers={**request.headers, **keys}) if keys else request


def _is_uuid(text: object) -> bool:
    try:
        uuid.UUID(str(text))
    except ValueError:
        return False
    return True
