"""A vendor of models on loopback: speaks OpenAI's chat completions and Gemini's generateContent.

What it answers is a script: a function from what was asked to a reply; it comes whole or streamed,
as it was asked for. The formats are in `tests.fakes.model_wire`.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import Self

from tests.fakes import model_wire
from tests.fakes.model_wire import Asked, Checks, Text

__all__ = ["Asked", "Checks", "Text"]

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Status:
    """An error of the vendor's."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "sk-secret leaked by a vendor"
    #: OpenAI's name for it, and Google's details.
    code: str = ""
    details: Sequence[Mapping[str, object]] = ()

    @property
    def body(self) -> bytes:
        code = self.code or self.status
        error = {"message": self.message, "code": code, "details": self.details}
        if self.status == HTTPStatus.TOO_MANY_REQUESTS:
            error["status"] = "RESOURCE_EXHAUSTED"
        return json.dumps({"error": error}).encode()


@dataclass(frozen=True, slots=True)
class CutOff:
    """A body that ends in its middle; the connection is closed."""

    of: Checks = field(default_factory=lambda: Checks([]))


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that is not of the format."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Shaped:
    """One event, or one body, of JSON that is not as it should be."""

    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Slow:
    """Headers at once, and then a body that trickles until the client has had enough."""


@dataclass(frozen=True, slots=True)
class SlowHeaders:
    """A status at once, and then headers that trickle until the client has had enough."""


@dataclass(frozen=True, slots=True)
class Endless:
    """A body that comes as fast as it is taken, for ever."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A small body that is a huge one when it is unpacked."""


Reply = Checks | Text | Status | CutOff | Raw | Shaped | Slow | SlowHeaders | Endless | Packed
Script = Callable[[Asked], Reply]


class ModelServer:
    """Listens while in its context, and remembers what it was asked."""

    def __init__(self, script: Script | Reply) -> None:
        self.script: Script = script if callable(script) else lambda _: script
        self.asked: list[Asked] = []
        self.gone = threading.Event()
        handler = type("Handler", (_Handler,), {"vendor": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        # Its end waits for those who are still being answered.
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def openai(self) -> str:
        """The base URL for OpenAI's wire format."""
        return f"{self.url}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.gone.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    vendor: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, body)
        self.vendor.asked.append(asked)
        self._say(asked, self.vendor.script(asked))

    def _say(self, asked: Asked, reply: Reply) -> None:
        match reply:
            case Checks() | Text():
                self._answer(asked, reply)
            case Status(status, more):
                self._send(status, reply.body, more)
            case CutOff(of):
                self._break_off(model_wire.whole(asked, of))
            case Raw(body):
                self._send(200, body)
            case Shaped(data):
                body = model_wire.event(data) if asked.wants_stream else json.dumps(data).encode()
                self._send(200, body)
            case Packed():
                self._send(200, gzip.compress(bytes(10**7)), {"Content-Encoding": "gzip"})
            case _:
                self._torment(reply)

    def _answer(self, asked: Asked, reply: Checks | Text) -> None:
        if asked.wants_stream:
            self._stream(model_wire.streamed(asked, reply))
        else:
            self._send(200, model_wire.whole(asked, reply))

    def _stream(self, pieces: Iterable[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _break_off(self, whole: bytes) -> None:
        """A part of an answer, as in a stream or not; what is promised does not come."""
        self._send(200, b"data: " + whole[: len(whole) // 2], length=len(whole))
        self.close_connection = True

    def _send(
        self,
        status: int,
        body: bytes,
        more: Mapping[str, str] = NOTHING,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _torment(self, reply: Reply) -> None:
        """Go on until the client has had enough, or the server is to end."""
        self.close_connection = True
        if isinstance(reply, SlowHeaders):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        else:
            self._send(200, b"", length=10**15)
        piece, pause = (b": more\n" * 10_000, 0.0) if isinstance(reply, Endless) else (b" ", 0.02)
        with contextlib.suppress(OSError):
            while not self.vendor.gone.wait(pause):
                self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""
