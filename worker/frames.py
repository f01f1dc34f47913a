"""What the process of a case tells the engine: typed frames, each with its length before it.

A frame is JSON with the length of its text in four bytes (big endian) before it. The script runs in
the process that writes them, so whoever reads them believes nothing: see `worker.intake` for their
form and `worker.witness` for their order.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from app.domain.outcomes import Outcome

#: A longer frame is not read: the reporter's own limits keep every honest frame below it.
FRAME_LIMIT = 512 * 1024
#: Kept of an assertion's message, in characters.
MESSAGE_LIMIT = 8 * 1024
#: Kept of a traceback, in characters.
TRACEBACK_LIMIT = 32 * 1024

LENGTH = struct.Struct("!I")

#: What the engine answers: the end of a check was heard, the next may begin.
HEARD = b"\0"
#: What the engine writes before it interrupts the check that runs.
WANTED = b"\1"


@dataclass(frozen=True, slots=True)
class Collected:
    """pytest has read the module; these are its checks in the order they will run."""

    checks: tuple[str, ...]
    kind: Literal["collected"] = "collected"


@dataclass(frozen=True, slots=True)
class CollectionFailed:
    """The module could not be imported."""

    message: str
    kind: Literal["collection_failed"] = "collection_failed"


@dataclass(frozen=True, slots=True)
class CheckBegan:
    """A check is about to be set up."""

    check: str
    kind: Literal["check_began"] = "check_began"


@dataclass(frozen=True, slots=True)
class CheckEnded:
    """A check has been torn down. The writer waits for one byte in return before it goes on."""

    check: str
    outcome: Outcome
    message: str
    traceback: str
    duration_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    kind: Literal["check_ended"] = "check_ended"


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """pytest is done; the process ends with the same status right away."""

    exit_status: int
    kind: Literal["session_ended"] = "session_ended"


Frame = Collected | CollectionFailed | CheckBegan | CheckEnded | SessionEnded


def encode(frame: Frame) -> bytes:
    """Write a frame; characters that UTF-8 has no form for become question marks."""
    fields = {name: getattr(frame, name) for name in frame.__slots__}
    body = json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")
    return LENGTH.pack(len(body)) + body


def shorten(text: str, limit: int) -> str:
    """The text, or its beginning and a note of how much is missing."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters)"
