"""A condition that does not hold keeps a request from being done (RFC 9110, section 13.1).

Written where the description has the operation answer so: 412 to a change of what is no longer
there as it was read (`If-Match`), 304 to who has it already (`If-None-Match`, with the `ETag` that
was given).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.ai import members
from app.ai.checks import success
from app.ai.checks.check import Check, Found
from app.ai.quoting import Expression, literal
from app.ai.scenarios import Line, Scenario
from app.openapi.model import Response

#: A tag of the right form (RFC 9110, section 8.8.3) that nothing has.
_OTHER = '"no-such-version"'
_CHANGES = frozenset({"PUT", "PATCH", "DELETE"})


def checks(found: Found) -> Iterator[Check | Scenario]:
    """At most one check."""
    if found.inputs.lacking:
        return
    method = found.material.operation.method
    if method in _CHANGES:
        yield from _changed_since(found)
    elif method == "GET":
        yield from _not_modified(found)


def _changed_since(found: Found) -> Iterator[Check]:
    """What was changed by somebody else meanwhile is not changed."""
    documented = found.documented(412)
    name = _header(found, "if-match")
    steps = success.spared(found)
    if documented is None or not name or (found.path_parameters and not steps):
        return
    request = found.with_steps(found.inputs.request, steps)
    yield Check(
        name="other version",
        intent="A change of another version than the one that is there is refused.",
        source=documented.pointer,
        request=replace(request, headers={**request.headers, name: _OTHER}),
        expectation="refused",
        needs=found.inputs.resource_needs(steps),
    )


def _not_modified(found: Found) -> Iterator[Scenario]:
    """Who has what is there is told so, and is not sent it again."""
    documented, tag = found.documented(304), _tag(found.documented(200))
    if documented is None or not tag:
        return
    steps = success.obtained(found)
    request = found.with_steps(found.inputs.request, steps)
    name = _header(found, "if-none-match") or "If-None-Match"
    held = {**request.headers, name: Expression("tag")}
    yield Scenario(
        name="not modified",
        intent="Who has what is there is not sent it again.",
        source=documented.pointer,
        lines=(
            Line("response = {}", (replace(request, steps=()),)),
            members.succeeded(found.material.operation, found.inputs.needs(steps)),
            Line(f"tag = linked(response, {members.code(literal(tag))})"),
            Line("response = {}", (replace(request, steps=(), headers=held),)),
            Line(""),
            Line("expect.success(response, 304)"),
        ),
        steps=request.steps,
    )


def _tag(response: Response | None) -> str:
    """The documented header with the version of what is sent; empty where there is none."""
    headers = response.headers if response else ()
    return next((each.name for each in headers if each.name.lower() == "etag"), "")


def _header(found: Found, name: str) -> str:
    """A documented header as it is spelt; empty where it is not documented."""
    headers = (
        each.name for each in found.material.operation.parameters if each.location == "header"
    )
    return next((each for each in headers if each.lower() == name), "")
