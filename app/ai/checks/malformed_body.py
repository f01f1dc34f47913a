"""A body that is not what its media type says, or of an undocumented media type, is refused.

RFC 9110, section 15.5.16 has 415 (Unsupported Media Type) for the second. An API that also takes
what it does not document is let pass, unless it documents 415: then JSON that calls itself a plain
text has to be refused. Otherwise a body is sent that is neither JSON nor a form, and that nothing
can be read from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from app.ai import bodies
from app.ai.checks import success
from app.ai.checks.check import Check, Found
from app.ai.requests import Body, Request, as_made
from app.openapi.model import Content
from testops.contract import essence

_CUT_OFF = '{"unfinished": '
_XML = "<not><documented/></not>"
_TAKES_ANYTHING = frozenset({"*/*", "application/*", "text/*"})


def checks(found: Found) -> Iterator[Check]:
    """A malformed body where JSON is documented, and a media type that is not."""
    documented = found.material.operation.body
    if found.inputs.lacking or found.inputs.content is None or documented is None:
        return
    steps = success.spared(found)
    request = found.with_steps(found.inputs.request, steps)
    needs = found.inputs.resource_needs(steps)
    content = found.material.contents[found.inputs.content]
    for check in _malformed(request, content):
        yield replace(check, needs=needs)
    # A body that need not be there need not be looked at either.
    for check in _undocumented(found, request) if documented.required else ():
        yield replace(check, needs=needs)


def _malformed(request: Request, content: Content) -> Iterator[Check]:
    if not bodies.is_json(content):
        return
    media_type = content.media_type if "*" not in content.media_type else "application/json"
    yield Check(
        name="malformed body",
        intent="A body that is cut off, and so no JSON, is refused.",
        source=content.pointer,
        request=replace(request, body=Body("content", _CUT_OFF, media_type)),
        expectation="refused",
    )


def _undocumented(found: Found, request: Request) -> Iterator[Check]:
    operation = found.material.operation
    names = {essence(content.media_type) for content in found.material.contents}
    body, is_documented = _foreign(request, {each.status for each in operation.responses})
    if names & _TAKES_ANYTHING or essence(body.media_type) in names:
        return
    source = operation.body.pointer if operation.body else operation.pointer
    yield Check(
        name="undocumented media type",
        intent=f"A body of the media type {body.media_type}, which is not documented, is refused.",
        source=f"{operation.pointer}/responses/415" if is_documented else f"{source}/content",
        request=replace(request, body=body),
        expectation="refused",
    )


def _foreign(request: Request, statuses: set[str]) -> tuple[Body, bool]:
    """A body of a media type that is not documented."""
    sent = request.body
    if "415" in statuses and sent is not None and sent.argument == "json":
        return Body("content", json.dumps(as_made(sent.value)), "text/plain"), True
    return Body("content", _XML, "application/xml"), False
