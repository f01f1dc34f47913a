"""HTTP/1.1 over an asyncio stream, by h11: whole messages in and out, within limits.

A message is read as a whole before it goes on, so that it is on record before the other side sees
the first byte of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import h11

from worker.gateway.rules import Headers

#: Request line and headers together may be this long.
_HEAD_BYTES = 64 * 1024
_CHUNK = 64 * 1024


Role = type[h11.CLIENT] | type[h11.SERVER]


class WireError(Exception):
    """The message cannot be read or written: not HTTP, cut off, or too long."""


class TooLongError(WireError):
    """The body of a request is longer than it may be; the rest of it was not read."""

    def __init__(self, limit: int, request: Request) -> None:
        super().__init__(f"the body is longer than {limit} bytes")
        #: What was read of it.
        self.request = request


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came."""

    method: str
    #: Path and query as sent, still encoded.
    path: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came; its body is as on the wire, still content-encoded."""

    status: int
    reason: bytes
    headers: Headers
    body: bytes
    #: When its head had come, by the reader's clock.
    began: float = field(default=0.0, compare=False)


class Peer:
    """One side of a connection."""

    def __init__(
        self,
        role: Role,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._http = h11.Connection(role, max_incomplete_event_size=_HEAD_BYTES)
        self._reader = reader
        self._writer = writer

    @property
    def is_reusable(self) -> bool:
        """Whether another request can follow on the connection, as far as is known by now."""
        return self._http.our_state is h11.IDLE and not self._reader.at_eof()

    async def receive_request(self, limit: int) -> Request | None:
        """The next request, its body at most `limit` bytes; None where the client has left."""
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        if self._http.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        request = Request(head.method.decode(), head.target.decode("latin-1"), _text(head), b"")
        try:
            return replace(request, body=await self._body(limit))
        except _LongError as error:
            raise TooLongError(limit, replace(request, body=error.begun)) from error

    async def receive_answer(self, limit: int, clock: Callable[[], float]) -> Answer:
        """The final response to what was sent, its body at most `limit` bytes."""
        while not isinstance(head := await self._event(), h11.Response):
            if not isinstance(head, h11.InformationalResponse) or head.status_code == _SWITCHING:
                raise WireError("the connection was closed before a response came")
        began = clock()
        body = await self._body(limit)
        return Answer(head.status_code, bytes(head.reason), _text(head), body, began)

    async def send_request(self, request: Request) -> None:
        """Write a request."""
        target = request.path.encode("latin-1")
        with _writable():
            head = h11.Request(method=request.method, target=target, headers=_raw(request))
        # A server may answer and close before it has read all; its answer is what counts.
        with contextlib.suppress(ConnectionError):
            await self._write(*_parts(head, request.body))

    async def send_answer(self, answer: Answer) -> None:
        """Write a response."""
        with _writable():
            head = h11.Response(
                status_code=answer.status, reason=answer.reason, headers=_raw(answer)
            )
        await self._write(*_parts(head, answer.body))

    def next(self) -> bool:
        """Make ready for another exchange; says whether the connection allows it."""
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return True
        return False

    async def close(self) -> None:
        """Close the connection when what was written has been sent."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def abort(self) -> None:
        """Close the connection at once: without TLS's farewell, for which servers let us wait."""
        self._writer.transport.abort()

    async def _write(self, *events: h11.Event) -> None:
        """Write events in one piece: each piece wakes the other side."""
        with _writable():
            data = b"".join(self._http.send(event) or b"" for event in events)
        self._writer.write(data)
        await self._writer.drain()

    async def _event(self) -> object:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise WireError(str(error)) from error
            if event is not h11.NEED_DATA:
                return event
            try:
                self._http.receive_data(await self._reader.read(_CHUNK))
            except OSError as error:
                raise WireError(f"the connection broke: {error}") from error

    async def _body(self, limit: int) -> bytes:
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > limit:
                raise _LongError(limit, bytes(body))
        return bytes(body)


class _LongError(WireError):
    def __init__(self, limit: int, begun: bytes) -> None:
        super().__init__(f"the body is longer than {limit} bytes")
        self.begun = begun


#: 101: the server wants to speak something else, which is not carried.
_SWITCHING = 101


def _parts(head: h11.Event, body: bytes) -> list[h11.Event]:
    """A whole message."""
    return [head, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]


@contextlib.contextmanager
def _writable() -> Iterator[None]:
    try:
        yield
    except h11.LocalProtocolError as error:
        # Its text quotes header values, which may be secret.
        raise WireError("the message cannot be written as HTTP/1.1") from error


def _text(head: h11.Request | h11.Response) -> Headers:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in head.headers.raw_items()
    )


def _raw(message: Request | Answer) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in message.headers]
