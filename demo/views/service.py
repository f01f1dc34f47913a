"""Operations on the service itself."""

from __future__ import annotations

from flask import Response

from demo import wire
from demo.library import Library


def read_health(library: Library) -> Response:
    """Whether the library is open."""
    return wire.answer({"status": "ok", "books": len(library.shelf())})
