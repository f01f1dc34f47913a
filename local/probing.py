"""Whether anybody listens where the target should be."""

from __future__ import annotations

import contextlib
import socket

from app.errors import TargetError
from worker.gateway import rules

#: How long a target may take to accept a connection.
CONNECT_SECONDS = 5.0


def probe(base_url: str) -> None:
    """Open one connection and close it again; nothing is sent.

    Raises TargetError where that does not work, InvalidInputError where the URL cannot be used.
    """
    target = rules.target_origin(base_url)
    try:
        with contextlib.closing(
            socket.create_connection((target.host, target.port), CONNECT_SECONDS)
        ):
            pass
    except (OSError, UnicodeError) as error:
        raise TargetError(
            f"The target cannot be reached: {error}",
            where=str(target),
            hint="Is it running, and is --base-url right?",
        ) from error
