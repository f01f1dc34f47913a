"""The wire formats of OpenAI's chat completions and Gemini's generateContent, whole and streamed.

Both are those that the vendors' own libraries read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
        return "generatecontent" in self.path.lower()

    @property
    def wants_stream(self) -> bool:
        return bool(self.body.get("stream")) or "streamGenerateContent" in self.path

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


def whole(asked: Asked, reply: Checks | Text) -> bytes:
    """An answer as one body."""
    return json.dumps(_gemini(reply) if asked.is_gemini else _openai(asked, reply)).encode()


def streamed(asked: Asked, reply: Checks | Text) -> Iterator[bytes]:
    """The same as server-sent events, its text in several pieces."""
    if asked.is_gemini:
        yield from map(event, _gemini_pieces(reply))
    else:
        yield from map(event, _openai_pieces(asked, reply))
        yield b"data: [DONE]\n\n"


def event(data: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(data)}\n\n".encode()


def content(reply: Checks | Text) -> str:
    """What the model wrote."""
    if isinstance(reply, Text):
        return reply.text
    names = ("name", "intent", "pointer", "code")
    return json.dumps({"checks": [dict(zip(names, each, strict=True)) for each in reply.checks]})


def _cut(text: str) -> Sequence[str]:
    size = max(1, len(text) // 3 + 1)
    return [text[at : at + size] for at in range(0, len(text), size)]


def _openai(asked: Asked, reply: Checks | Text) -> dict[str, Any]:
    message, finish = _said(asked, content(reply)), "tool_calls" if asked.wants_tool else "stop"
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {**_completion(asked, ""), "choices": [choice], "usage": _usage(reply)}


def _openai_pieces(asked: Asked, reply: Checks | Text) -> Iterator[dict[str, Any]]:
    for number, piece in enumerate(_cut(content(reply))):
        yield _chunk(asked, _said(asked, piece, is_first=not number), None)
    yield _chunk(asked, {}, "tool_calls" if asked.wants_tool else "stop")
    if asked.body.get("stream_options", {}).get("include_usage"):
        yield {**_completion(asked, ".chunk"), "choices": [], "usage": _usage(reply)}


def _chunk(asked: Asked, delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**_completion(asked, ".chunk"), "choices": [choice]}


def _said(asked: Asked, text: str, *, is_first: bool = True) -> dict[str, Any]:
    if not asked.wants_tool:
        return {"content": text}
    function = {"arguments": text}
    called: dict[str, Any] = {"index": 0, "function": function}
    if is_first:
        # Said once; what follows goes by the index.
        function["name"] = asked.body["tools"][0]["function"]["name"]
        called |= {"id": "1", "type": "function"}
    return {"content": None, "tool_calls": [called]}


def _completion(asked: Asked, kind: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": f"chat.completion{kind}",
        "created": 1,
        "model": asked.body["model"],
    }


def _usage(reply: Checks | Text) -> dict[str, int]:
    return {
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
    }


def _gemini(reply: Checks | Text) -> dict[str, Any]:
    return {**_candidate(content(reply), "STOP"), "usageMetadata": _metadata(reply)}


def _gemini_pieces(reply: Checks | Text) -> Iterator[dict[str, Any]]:
    *first, last = _cut(content(reply)) or [""]
    for piece in first:
        yield _candidate(piece, None)
    yield {**_candidate(last, "STOP"), "usageMetadata": _metadata(reply)}


def _candidate(text: str, finish: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}}
    end = {"finishReason": finish} if finish else {}
    return {
        "candidates": [{**candidate, **end, "index": 0}],
        "modelVersion": "gemini-fake",
        "responseId": "1",
    }


def _metadata(reply: Checks | Text) -> dict[str, int]:
    return {
        "promptTokenCount": reply.input_tokens,
        "candidatesTokenCount": reply.output_tokens,
        "totalTokenCount": reply.input_tokens + reply.output_tokens,
    }
