"""Exchanges as a gateway records them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from app.domain.results import Exchange, Message
from testops.json_values import Json

ORIGIN = "http://127.0.0.1:5050"


def request(
    method: str,
    path: str,
    *,
    sent: Json = ...,
    headers: Sequence[tuple[str, str]] = (),
) -> Exchange:
    """A request without an answer."""
    kind = [] if sent is ... else [("Content-Type", "application/json")]
    body = "" if sent is ... else json.dumps(sent)
    return Exchange(method, ORIGIN + path, Message((*kind, *headers), body), None, None, 0.01)


def exchange(
    method: str,
    path: str,
    status: int,
    body: Json = ...,
    *,
    sent: Json = ...,
    headers: Sequence[tuple[str, str]] = (),
    media_type: str = "application/json",
) -> Exchange:
    """A request and its answer, as JSON; `headers` are the answer's."""
    asked = request(method, path, sent=sent)
    kind = [] if body is ... else [("Content-Type", media_type)]
    text = "" if body is ... else json.dumps(body)
    answer = Message((*kind, *headers), text)
    return Exchange(asked.method, asked.url, asked.request, status, answer, 0.01)


def body_of(exchange: object) -> Json:
    """What an exchange's answer holds."""
    assert isinstance(exchange, Exchange)
    assert exchange.response is not None
    return json.loads(exchange.response.body)
