"""Methods that the description does not list are answered as HTTP says.

On the first operation of each path: a method that no documented path takes there is not allowed
(RFC 9110, section 15.5.6), and OPTIONS tells no lie (section 9.3.7). For GET also: HEAD is answered
like it, without a body (section 9.3.2). Only methods are tried that do nothing without a body, and
never DELETE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.ai.checks import success
from app.ai.checks.check import Check, Found
from app.ai.requests import Request
from app.openapi.model import Operation

#: Tried in this order.
_TRIED = ("PATCH", "PUT", "POST")


def checks(found: Found) -> Iterator[Check]:
    """At most three checks."""
    operation = found.material.operation
    if found.inputs.lacking or operation.method == "CONNECT":
        return
    paths = found.material.shared.paths
    there = paths.methods(operation.path)
    if operation.method == "GET" and "HEAD" not in there:
        yield _head(found, operation)
    if paths.first(operation.path) != operation.method:
        return
    bare = Request("", operation.path, path=found.inputs.request.path)
    if method := next((each for each in _TRIED if each not in there), ""):
        yield Check(
            name=f"undocumented method {method}",
            intent=f"{method}, which is not documented here, is not allowed.",
            source=operation.pointer.rpartition("/")[0],
            request=replace(bare, method=method),
            expectation="not_allowed",
            is_of_server=True,
        )
    if "OPTIONS" not in there:
        yield Check(
            name="method OPTIONS",
            intent="What OPTIONS says of the methods agrees with the description.",
            source=operation.pointer.rpartition("/")[0],
            request=replace(bare, method="OPTIONS"),
            expectation="options",
            is_of_server=True,
        )


def _head(found: Found, operation: Operation) -> Check:
    steps = success.obtained(found)
    request = found.with_steps(found.inputs.request, steps)
    return Check(
        name="method HEAD",
        intent="HEAD is answered like GET, without the body.",
        source=operation.pointer,
        request=replace(request, method="HEAD", body=None),
        expectation="like_get",
        is_of_server=True,
        beside=request,
    )
