"""Connections that end at a deadline, made only to addresses that were checked.

httpcore bounds each read; a server that sends a byte now and then would never reach that bound.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects to the addresses that a function gives for a host and port, one after another."""

    def __init__(
        self, *, addresses: Callable[[str, int], list[str]], seconds_left: Callable[[], float]
    ) -> None:
        self._addresses = addresses
        self._seconds_left = seconds_left
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline bounds it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A stream to the first address that accepts; ConnectError or ConnectTimeout for none."""
        failure = httpcore.ConnectError("the name has no address")
        for address in self._addresses(host, port):
            left = _left(self._seconds_left, httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, left, local_address, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
                continue
            return DeadlineStream(stream, self._seconds_left)
        raise failure

    def sleep(self, seconds: float) -> None:
        """Wait, as httpcore asks before it retries (it is told not to)."""
        time.sleep(seconds)


class DeadlineStream(httpcore.NetworkStream):
    """A stream each of whose operations has what is left of the whole."""

    def __init__(self, stream: httpcore.NetworkStream, seconds_left: Callable[[], float]) -> None:
        self._stream = stream
        self._seconds_left = seconds_left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        """Some bytes; ReadTimeout after the deadline."""
        return self._stream.read(max_bytes, _left(self._seconds_left, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        """Send bytes; WriteTimeout after the deadline."""
        self._stream.write(buffer, _left(self._seconds_left, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        """The same connection with TLS, the certificate checked for the name in the URL."""
        left = _left(self._seconds_left, httpcore.ConnectTimeout)
        return DeadlineStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._seconds_left
        )

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the signature of httpcore
        """What is known of the connection."""
        return self._stream.get_extra_info(info)


def _left(seconds_left: Callable[[], float], error: type[httpcore.TimeoutException]) -> float:
    left = seconds_left()
    if left <= 0:
        raise error("the deadline has passed")
    return left
