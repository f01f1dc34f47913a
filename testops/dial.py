"""The way out of a case's process: connections that are asked for, never made.

A process that the engine runs may open no socket of its own. It inherits one descriptor, on which
it asks for a connection, and gets one that is open already: a descriptor (SCM_RIGHTS, unix(7))
whose other end the gateway serves. Where no engine runs the module, none of this is used.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpcore
import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The gateway has a name on the wire for the client's sake; no name is looked up.
GATEWAY = "http://gateway"

#: Connections of one client; further requests wait for one of them.
_CONNECTIONS = 32
#: What is said instead of a connection is shorter.
_WORD_BYTES = 512
_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class Transport(httpx.BaseTransport):
    """Sends the requests of an httpx client over connections from a descriptor.

    May be used from several threads. The descriptor stays open when the transport is closed.
    """

    def __init__(self, descriptor: int) -> None:
        self._dial = Dial(descriptor)
        self._pool = httpcore.ConnectionPool(
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            network_backend=self._dial,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer; raises httpx.TransportError where none comes."""
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = self._pool.handle_request(asked)
            try:
                body = answer.read()
            finally:
                answer.close()
        except httpcore.TimeoutException as error:
            raise httpx.ReadTimeout("The gateway gave no answer in time.") from error
        except _FAILURES as error:
            raise httpx.TransportError(str(error)) from error
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=httpx.ByteStream(body),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        self._dial.close()


class Dial(httpcore.NetworkBackend):
    """Asks for connections on a descriptor, whatever host and port they are meant for."""

    def __init__(self, descriptor: int) -> None:
        self._line = socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - httpcore's signature: the gateway is where all of them lead
        port: int,  # noqa: ARG002 - the same
        timeout: float | None = None,  # noqa: ARG002 - the gateway answers at once
        local_address: str | None = None,  # noqa: ARG002 - there is none
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - none
    ) -> httpcore.NetworkStream:
        """A connection to the gateway; raises ConnectError with the gateway's reason."""
        try:
            self._line.send(b"?")
            word, descriptors, _, _ = socket.recv_fds(
                self._line, _WORD_BYTES, 1, socket.MSG_CMSG_CLOEXEC
            )
        except OSError as error:
            raise httpcore.ConnectError(f"the gateway does not answer: {error}") from error
        if not descriptors:
            reason = word.decode() or "it is gone, or this process has no descriptor left"
            raise httpcore.ConnectError(f"the gateway gave no connection: {reason}")
        return _Stream(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=descriptors[0]))

    def close(self) -> None:
        """Ask for no more."""
        self._line.close()


class _Stream(httpcore.NetworkStream):
    """A connection that was handed over."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _explained(httpcore.ReadTimeout, httpcore.ReadError):
            self._socket.settimeout(timeout)
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _explained(httpcore.WriteTimeout, httpcore.WriteError):
            self._socket.settimeout(timeout)
            self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> object:
        """Only whether something came in; an idle connection with news was closed."""
        if info != "is_readable":
            return None
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        return bool(waiting.poll(0))


@contextmanager
def _explained(timeout: type[Exception], broken: type[Exception]) -> Iterator[None]:
    """The errors of sockets as httpcore's."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error
