"""What a script is told that opens a connection of its own."""

from __future__ import annotations

import errno
import socket
from typing import NoReturn

REFUSAL = (
    "A test reaches nothing but the tested API, and that through the fixture `api`: "
    "it may not open connections of its own."
)


def explain() -> None:
    """Have Python's sockets refuse with a reason; the kernel refuses without one.

    Sockets around descriptors that are there already work, and so do pairs of them.
    """
    construct = socket.socket.__init__

    def refusing(
        self: socket.socket,
        family: int = -1,
        type: int = -1,  # noqa: A002 - the name in socket.socket
        proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        if fileno is None:
            _refuse()
        construct(self, family, type, proto, fileno)

    socket.socket.__init__ = refusing  # type: ignore[method-assign]
    socket.getaddrinfo = _refuse


def _refuse(*_: object, **__: object) -> NoReturn:
    raise PermissionError(errno.EPERM, REFUSAL)
