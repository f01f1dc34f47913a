"""HTTP/1.1 (RFC 9112) as the engine's gateway speaks it: a request out, its answer in.

The other end of a connection is always the gateway, which has read what the tested API sent and
writes it anew. So there is one dialect to read, and a broken message means a broken connection.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import httpx

#: Of a status line or a header; the gateway's heads are shorter.
_LINE_BYTES = 128 * 1024
#: Interim responses (1xx) say nothing about the request's end.
_FINAL = 200
#: Responses without a body, whatever their headers say: 204 and 304.
_BODILESS = frozenset({204, 304})

Headers = list[tuple[bytes, bytes]]


class Connection:
    """A connection that carries one exchange after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._reader = connection.makefile("rb")
        #: Whether another exchange can follow.
        self.is_reusable = False

    def is_quiet(self) -> bool:
        """Whether nothing has come in; an idle connection with news was closed."""
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        return not waiting.poll(0)

    def close(self) -> None:
        """Close it; what is on its way is lost."""
        self._reader.close()
        self._socket.close()

    def exchange(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer.

        Raises TimeoutError where the gateway is silent for as long as the request allows, OSError
        or EOFError where the connection breaks, ValueError where what comes is no answer.
        """
        self.is_reusable = False
        self._socket.settimeout(request.extensions.get("timeout", {}).get("read"))
        self._send(request)
        status, reason, headers = self._head()
        answered = {name.lower(): value.lower() for name, value in headers}
        is_bodiless = request.method == "HEAD" or status in _BODILESS
        body = b"" if is_bodiless else b"".join(self._body(answered))
        asked = request.headers.get("connection", "").lower()
        is_last = "close" in asked or b"close" in answered.get(b"connection", b"")
        self.is_reusable = not is_last and (is_bodiless or _is_delimited(answered))
        return httpx.Response(
            status,
            headers=headers,
            stream=httpx.ByteStream(body),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": reason},
        )

    def _send(self, request: httpx.Request) -> None:
        pieces = _pieces(request)
        # The head travels with the beginning of the body: each piece wakes the gateway.
        first = next(pieces) + next(pieces, b"")
        try:
            self._socket.sendall(first)
            for piece in pieces:
                self._socket.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            # The gateway may answer and close before it has read all; its answer is what counts.
            return

    def _head(self) -> tuple[int, bytes, Headers]:
        """Status, reason and headers of the final response."""
        while True:
            _, status, *reason = self._line().split(b" ", 2)
            headers = list(self._headers())
            if int(status) >= _FINAL:
                return int(status), b"".join(reason), headers

    def _headers(self) -> Iterator[tuple[bytes, bytes]]:
        while line := self._line():
            name, _, value = line.partition(b":")
            yield name, value.strip()

    def _body(self, headers: Mapping[bytes, bytes]) -> Iterator[bytes]:
        if b"chunked" in headers.get(b"transfer-encoding", b""):
            yield from self._chunks()
        elif (length := headers.get(b"content-length")) is not None:
            yield self._exactly(int(length))
        else:
            yield self._reader.read()

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._line().partition(b";")[0], 16):
            yield self._exactly(size)
            self._line()
        # Trailers are of no use to a test.
        while self._line():
            pass

    def _exactly(self, size: int) -> bytes:
        data = self._reader.read(size)
        if len(data) < size:
            raise EOFError(f"it ended {size - len(data)} bytes before the end of the answer")
        return data

    def _line(self) -> bytes:
        line = self._reader.readline(_LINE_BYTES)
        if not line.endswith(b"\r\n"):
            raise EOFError("it ended in the middle of the answer" if line else "no answer came")
        return line[:-2]


def _pieces(request: httpx.Request) -> Iterator[bytes]:
    """The request's head, then its body bit by bit."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise ValueError("a header of the request holds a line break")
    yield b"\r\n".join((*lines, b"", b""))
    # Every request of a client that is not asynchronous has such a stream.
    body = filter(None, cast("Iterable[bytes]", request.stream))
    if "transfer-encoding" not in request.headers:
        yield from body
        return
    for chunk in body:
        yield b"%x\r\n%b\r\n" % (len(chunk), chunk)
    yield b"0\r\n\r\n"


def _is_delimited(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the answer says itself where it ends."""
    return b"content-length" in headers or b"transfer-encoding" in headers
