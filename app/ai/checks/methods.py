"""Methods that the description does not list are answered as HTTP says.

On the first operation of each path: a method that no documented path takes there is not allowed
(RFC 9110, section 15.5.6), and OPTIONS tells no lie (section 9.3.7). For GET also: HEAD is answered
like it, without a body (section 9.3.2). Only methods are tried that do nothing without a body, and
never DELETE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from app.ai.checks import success
from app.ai.checks.check import Check, Found
from app.ai.requests import Request
from app.openapi.model import Operation

#: Tried in this order.
_TRIED = ("PATCH", "PUT", "POST")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def checks(found: Found) -> Iterator[Check]:
    """At most three checks."""
    operation = found.material.operation
    if found.inputs.lacking or operation.method == "CONNECT":
        return
    there = _documented_at(found, operation.path)
    if operation.method == "GET" and "HEAD" not in there:
        yield _head(found, operation)
    if not _is_first(found, operation):
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
    steps = success.obtained(found, operation)
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


def _is_first(found: Found, operation: Operation) -> bool:
    """Whether no operation on the same path stands before this one."""
    every = found.material.description.operations
    return next(each for each in every if each.path == operation.path).method == operation.method


def _documented_at(found: Found, path: str) -> set[str]:
    """The methods of every documented path that an address of this one may belong to."""
    return {
        each.method for each in found.material.description.operations if _may_meet(each.path, path)
    }


def _may_meet(one: str, other: str) -> bool:
    """Whether one address may belong to both paths."""
    ours, theirs = one.split("/"), other.split("/")
    if len(ours) != len(theirs):
        return False
    return all(_fits(a, b) or _fits(b, a) for a, b in zip(ours, theirs, strict=True))


def _fits(template: str, segment: str) -> bool:
    """Whether a segment, its own placeholders taken for texts, is one that a template describes."""
    pattern = ".+".join(re.escape(part) for part in _PLACEHOLDER.split(template))
    return re.fullmatch(pattern, segment) is not None
