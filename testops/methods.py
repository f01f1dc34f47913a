"""Expectations on methods that the description does not list, by HTTP's own rules."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from testops import answers, judging
from testops.client import Response, named

_WITHOUT_HEAD = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
)


def not_allowed(response: Response) -> None:
    """A method that is not documented is not allowed: 405, with the methods that are in Allow.

    RFC 9110, section 15.5.6. A server that knows no such resource (404, 410) or no such method
    (501) is let pass. Skips where access, or the request for what is in it, was refused first.
    """
    __tracebackhide__ = True
    status = response.status
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        _allows(response, response.headers.get("Allow"))
    elif judging.is_client_error(status) and status not in judging.GONE:
        missing = judging.ACCESS.get(status, "a request that is refused for its method")
        pytest.skip(f"Needs {missing}: {response}.")
    elif status not in judging.GONE and status != HTTPStatus.NOT_IMPLEMENTED:
        judging.fail(response, "expected 405 Method Not Allowed")
    answers.safe_error(response)


def options(response: Response) -> None:
    """OPTIONS breaks nothing, and Allow, where it is there, lists the documented method.

    RFC 9110, section 9.3.7. A server need not know OPTIONS (405, 501).
    """
    __tracebackhide__ = True
    status = response.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED:
        judging.fail(response, "expected no server error")
    if status in judging.SUCCESS and "Allow" in response.headers:
        _allows(response, response.headers["Allow"])


def like_get(response: Response, got: Response) -> None:
    """HEAD is answered with the status of GET and without a body (RFC 9110, section 9.3.2).

    Skips where the server does not know HEAD, or where GET does not succeed.
    """
    __tracebackhide__ = True
    if response.status in _WITHOUT_HEAD:
        pytest.skip(f"Needs a server that answers HEAD: {response}.")
    if got.status not in judging.SUCCESS:
        pytest.skip(f"Needs a GET that succeeds: {got}.")
    if response.status != got.status:
        judging.fail(response, f"expected {named(got.status)}, as of GET")


def _allows(response: Response, allow: str | None) -> None:
    """Allow is there and lists the operation's own method."""
    __tracebackhide__ = True
    if allow is None:
        judging.fail(response, "expected the header Allow (RFC 9110, section 15.5.6)")
    method = response.operation.key.partition(" ")[0]
    if method not in {each.strip().upper() for each in allow.split(",")}:
        judging.fail(response, f"expected {method} in the header Allow, which is '{allow}'")
