"""What all expectations share: what statuses say, and how a broken rule is told."""

from __future__ import annotations

from http import HTTPStatus
from typing import NoReturn

from testops.client import Response

#: Answers that say who may ask or how often, nothing about the operation (RFC 9110, RFC 6585).
ACCESS = {
    401: "credentials",
    402: "an account that is paid for",
    403: "credentials that may do this",
    407: "credentials of the proxy",
    429: "a higher rate limit",
    451: "a place where this is lawful",
}
#: There is no such resource (RFC 9110, sections 15.5.5 and 15.5.11).
GONE = frozenset({404, 410})
SUCCESS = range(200, 300)
#: What a body is cut to in a message.
_EXCERPT_LENGTH = 300


def is_client_error(status: int) -> bool:
    """Whether a status says that the request is at fault (RFC 9110, section 15.5)."""
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def fail(response: Response, expectation: str, *complaints: str, where: str = "") -> NoReturn:
    """Raise AssertionError: what was expected, what came, a line for each complaint.

    `where` is a pointer to what documents it; by default that is the operation.
    """
    __tracebackhide__ = True
    documented_at = f"Documented at {where or response.operation.pointer}"
    lines = [f"{response}: {expectation}.", *complaints, documented_at]
    if response.sent:
        lines.append(f"Sent: {response.sent}")
    location = response.headers.get("Location")
    if location:
        lines.append(f"Location: {location}")
    lines.append(f"Body: {_excerpt(response)}")
    raise AssertionError("\n".join(lines))


def _excerpt(response: Response) -> str:
    text = " ".join(response.text.split())
    if len(text) <= _EXCERPT_LENGTH:
        return text or "empty"
    return f"{text[:_EXCERPT_LENGTH]}… ({len(response.content)} bytes)"
