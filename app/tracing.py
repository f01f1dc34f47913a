"""W3C trace context: which request a piece of work goes back to, from HTTP to the notification.

https://www.w3.org/TR/trace-context/. Whoever takes work up goes on with the trace that it came
with, under a parent id of its own, and every line logged meanwhile carries the trace's id.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import structlog

#: Version, trace id, parent id, flags; version ff and ids of zeros only are none, and versions to
#: come may append fields.
_FORM: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}"
    r"-(?P<flags>[0-9a-f]{2})(?:(?<!\A00.{53})-.*)?"
)

_current: ContextVar[str] = ContextVar("traceparent", default="")


def current() -> str:
    """What is passed on with work that is asked for now; empty where no trace is followed."""
    return _current.get()


@contextmanager
def following(traceparent: str) -> Iterator[None]:
    """Do something as a part of this trace; one that cannot be read is replaced by a new one."""
    found = _FORM.fullmatch(traceparent)
    trace = found["trace"] if found else secrets.token_hex(16)
    flags = found["flags"] if found else "00"
    token = _current.set(f"00-{trace}-{secrets.token_hex(8)}-{flags}")
    try:
        with structlog.contextvars.bound_contextvars(trace_id=trace):
            yield
    finally:
        _current.reset(token)
