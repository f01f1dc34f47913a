"""Messages to be sent, and a way to others that only writes down what goes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import PlatformError
from app.services.deliveries import Item, Message

LINK = "https://testops.test/runs/1"


def message(
    title: str = "Pets: 1 failed", text: str = "- GET /a test_b_c: no", **values: str
) -> Message:
    """A message of one piece of news."""
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    item = Item(["failure", "finish"], title, text, LINK, at, "run-1")
    return Message(values.get("id", "message-1"), "suite-1", "Pets", title, [item])


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Notebook:
    """Keeps requests; answers 200, or breaks with `error`."""

    error: PlatformError | None = None
    answer: bytes = b"ok"
    requests: list[Request] = field(default_factory=list)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        self.requests.append(Request(method, url, headers, body))
        if self.error is not None:
            raise self.error
        return 200, self.answer
