"""The way out of a case's process: connections that are asked for, never made.

A process that the engine runs may open no socket of its own. It inherits one descriptor, on which
it asks for a connection, and gets one that is open already: a descriptor (SCM_RIGHTS, unix(7))
whose other end the gateway serves. Where no engine runs the module, none of this is used.

HTTP/1.1 is h11's. What httpx and httpcore do beside it, for redirects, cookies, credentials,
proxies and several hosts, has no place here, and would cost several times as much as h11.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import cast

import h11
import httpx

#: The gateway has a name on the wire for the client's sake; no name is looked up.
GATEWAY = "http://gateway"

#: Connections of one client; further requests wait for one of them.
_CONNECTIONS = 32
#: What is said instead of a connection is shorter.
_WORD_BYTES = 512
#: An answer's head may be this long: longer than what the gateway takes.
_HEAD_BYTES = 128 * 1024
_CHUNK = 64 * 1024


class Client(httpx.Client):
    """Asks the gateway: follows no redirect, keeps no cookie."""

    def __init__(self, descriptor: int) -> None:
        self._way = Transport(descriptor)
        super().__init__(follow_redirects=False, trust_env=False, transport=self._way)

    def send(self, request: httpx.Request, **_: object) -> httpx.Response:
        """Send a request and read its answer; raises httpx.TransportError where none comes."""
        answer = self._way.handle_request(request)
        answer.request = request
        answer.read()
        return answer


class Transport(httpx.BaseTransport):
    """Sends requests over connections from a descriptor, each again when it is idle.

    May be used from several threads. The descriptor stays open when the transport is closed.
    """

    def __init__(self, descriptor: int) -> None:
        self._line = socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._idle: list[Connection] = []
        self._free = threading.BoundedSemaphore(_CONNECTIONS)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer; raises httpx.TransportError where none comes."""
        limits: Mapping[str, float | None] = request.extensions.get("timeout", {})
        if not self._free.acquire(timeout=_or_forever(limits.get("pool"))):
            raise httpx.PoolTimeout(f"All {_CONNECTIONS} connections to the gateway are in use.")
        try:
            return self._answer(request, limits)
        except TimeoutError as error:
            raise httpx.ReadTimeout("The gateway gave no answer in time.") from error
        except (OSError, h11.ProtocolError) as error:
            raise httpx.TransportError(str(error)) from error
        finally:
            self._free.release()

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()
        self._line.close()

    def _answer(self, request: httpx.Request, limits: Mapping[str, float | None]) -> httpx.Response:
        connection = self._connection()
        try:
            answer = connection.exchange(request, limits)
        except BaseException:
            connection.close()
            raise
        if connection.is_reusable():
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _connection(self) -> Connection:
        """One that waits to be used again, or another."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_quiet():
                return connection
            connection.close()
        return Connection(asked(self._line))


def asked(line: socket.socket) -> socket.socket:
    """A connection to the gateway; raises httpx.ConnectError with the gateway's reason."""
    try:
        line.send(b"?")
        word, descriptors, _, _ = socket.recv_fds(line, _WORD_BYTES, 1, socket.MSG_CMSG_CLOEXEC)
    except OSError as error:
        raise httpx.ConnectError(f"the gateway does not answer: {error}") from error
    if not descriptors:
        reason = word.decode() or "it is gone, or this process has no descriptor left"
        raise httpx.ConnectError(f"the gateway gave no connection: {reason}")
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=descriptors[0])


class Connection:
    """A connection that was handed over; carries one exchange after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)

    def exchange(
        self, request: httpx.Request, limits: Mapping[str, float | None]
    ) -> httpx.Response:
        """Send a request, read its answer. Raises OSError, TimeoutError, h11.ProtocolError."""
        self._socket.settimeout(limits.get("write"))
        # Who answers before all was sent, and leaves, has said what counts.
        with contextlib.suppress(ConnectionError):
            self._send(request)
        self._socket.settimeout(limits.get("read"))
        return self._received()

    def is_reusable(self) -> bool:
        """Whether another exchange can follow; makes ready for it."""
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if done:
            self._http.start_next_cycle()
        return done

    def is_quiet(self) -> bool:
        """Whether nothing has come in since; an idle connection with news was closed."""
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        return not waiting.poll(0)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _send(self, request: httpx.Request) -> None:
        head = h11.Request(
            method=request.method, target=request.url.raw_path, headers=request.headers.raw
        )
        # With what follows it: each piece wakes the other side.
        waiting = self._http.send(head) or b""
        for chunk in cast("httpx.SyncByteStream", request.stream):
            self._socket.sendall(waiting + (self._http.send(h11.Data(data=chunk)) or b""))
            waiting = b""
        if rest := waiting + (self._http.send(h11.EndOfMessage()) or b""):
            self._socket.sendall(rest)

    def _received(self) -> httpx.Response:
        head, body = h11.Response(status_code=200, headers=[]), bytearray()
        for event in self._events():
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
        return httpx.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=httpx.ByteStream(bytes(body)),
            extensions={"http_version": b"HTTP/" + head.http_version, "reason_phrase": head.reason},
        )

    def _events(self) -> Iterator[h11.Event]:
        """What the answer consists of, to its end."""
        while not isinstance(event := self._http.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                self._http.receive_data(self._socket.recv(_CHUNK))
            else:
                yield cast("h11.Event", event)


def _or_forever(seconds: float | None) -> float:
    """As locks take it."""
    return threading.TIMEOUT_MAX if seconds is None else seconds
