"""A tested API made of canned answers, on loopback; it remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What the target says."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the target was asked."""

    method: str
    #: Path and query as they came over the wire.
    target: str
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes


#: An answer, or what makes one of the path and query as they came.
Answering = Answer | Callable[[str], Answer]


class Target:
    """Listens while in its context; answers by "METHOD /path", or else always the same."""

    def __init__(
        self,
        answers: Mapping[str, Answering] | None = None,
        otherwise: Answer = Answer(404),
    ) -> None:
        self.answers: dict[str, Answering] = dict(answers or {})
        self._otherwise = otherwise
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        target = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    self._answer()
                else:
                    self.close_connection = True

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                sent = {name.lower(): text for name, text in self.headers.items()}
                target.asked.append(Asked(self.command, self.path, sent, self.rfile.read(length)))
                path = self.path.partition("?")[0]
                found = target.answers.get(f"{self.command} {path}", target._otherwise)
                answer = found if isinstance(found, Answer) else found(self.path)
                self.send_response(answer.status)
                for name, text in answer.headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body if self.command != "HEAD" else b"")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Say nothing."""

        return Handler
