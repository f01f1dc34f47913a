"""A vendor of models on loopback: speaks OpenAI's chat completions and Gemini's generateContent.

What it answers is a script: a function from what was asked to a reply. Both wire formats are those
that the vendors' own libraries read and write.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType, TracebackType
from typing import Any, Self

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it came over the wire."""

    path: str
    #: Names in lower case.
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """All that the model was told, instructions and material."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def is_gemini(self) -> bool:
        return "generateContent" in self.path

    @property
    def wants_tool(self) -> bool:
        return bool(self.body.get("tools"))


@dataclass(frozen=True, slots=True)
class Checks:
    """A structured answer: each check is (name, intent, pointer, code)."""

    checks: Sequence[tuple[str, str, str, str]]
    input_tokens: int = 1000
    output_tokens: int = 200


@dataclass(frozen=True, slots=True)
class Text:
    """An answer whose content is this text, whatever was asked for."""

    text: str
    input_tokens: int = 1000
    output_tokens: int = 200


@dataclass(frozen=True, slots=True)
class Status:
    """An error of the vendor's."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "sk-secret leaked by a vendor"


@dataclass(frozen=True, slots=True)
class CutOff:
    """A body that ends in its middle; the connection is closed."""

    of: Checks = field(default_factory=lambda: Checks([]))


@dataclass(frozen=True, slots=True)
class Raw:
    """A body that is no JSON."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Slow:
    """Headers at once, and then a body that trickles until the client has had enough."""


Reply = Checks | Text | Status | CutOff | Raw | Slow
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
                self._send(200, json.dumps(wire(asked, reply)).encode())
            case Status(status, more, message):
                text = {"error": {"message": message, "code": status, "status": "NO"}}
                self._send(status, json.dumps(text).encode(), more)
            case CutOff(of):
                whole = json.dumps(wire(asked, of)).encode()
                self._send(200, whole[: len(whole) // 2], length=len(whole))
                self.close_connection = True
            case Raw(body):
                self._send(200, body)
            case Slow():
                self._trickle()

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

    def _trickle(self) -> None:
        self._send(200, b"", length=10_000)
        self.close_connection = True
        with contextlib.suppress(OSError):
            while not self.vendor.gone.wait(0.02):
                self.wfile.write(b" ")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""


def wire(asked: Asked, reply: Checks | Text) -> dict[str, Any]:
    """An answer as the vendor that was asked puts it."""
    return _gemini(reply) if asked.is_gemini else _openai(asked, reply)


def content(reply: Checks | Text) -> str:
    """What the model wrote."""
    if isinstance(reply, Text):
        return reply.text
    names = ("name", "intent", "pointer", "code")
    return json.dumps({"checks": [dict(zip(names, each, strict=True)) for each in reply.checks]})


def _openai(asked: Asked, reply: Checks | Text) -> dict[str, Any]:
    text = content(reply)
    message: dict[str, Any] = {"role": "assistant", "content": text}
    finish = "stop"
    if asked.wants_tool:
        name = asked.body["tools"][0]["function"]["name"]
        called = {"id": "1", "type": "function", "function": {"name": name, "arguments": text}}
        message, finish = (
            {"role": "assistant", "content": None, "tool_calls": [called]},
            "tool_calls",
        )
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": asked.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def _gemini(reply: Checks | Text) -> dict[str, Any]:
    part = {"text": content(reply)}
    return {
        "candidates": [
            {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
        ],
        "usageMetadata": {
            "promptTokenCount": reply.input_tokens,
            "candidatesTokenCount": reply.output_tokens,
            "totalTokenCount": reply.input_tokens + reply.output_tokens,
        },
        "modelVersion": "gemini-fake",
        "responseId": "1",
    }
