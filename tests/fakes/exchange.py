"""Stands in for the engine's gateway: whoever asks on its descriptor gets a connection to a server.

Without a server it says why not, and once it is closed it says nothing at all.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Exchange:
    """Answers on a thread while in its context."""

    def __init__(self, url: str = "", refusal: bytes = b"") -> None:
        self._url = urlsplit(url)
        self._refusal = refusal
        self._here, self._there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._thread = threading.Thread(target=self._serve)
        #: How many connections were asked for.
        self.asked = 0

    @property
    def descriptor(self) -> int:
        """What a case's process inherits."""
        return self._there.fileno()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._there.close()
        self.leave()

    def leave(self) -> None:
        """Answer no more."""
        with contextlib.suppress(OSError):
            self._here.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._here.close()

    def _serve(self) -> None:
        while self._here.recv(16):
            self.asked += 1
            if self._refusal:
                self._here.send(self._refusal)
                continue
            address = (str(self._url.hostname), int(self._url.port or 80))
            with socket.create_connection(address) as connection:
                socket.send_fds(self._here, [b"given"], [connection.fileno()])
