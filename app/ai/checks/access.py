"""Without credentials, or with some that nobody has, a protected operation is refused.

Without: 401 (RFC 9110, section 15.5.2), or 403 where the description has it or names no 401. With
wrong ones: 401 or 403, and 400 where they have not even the form (RFC 6750, section 3.1). A
documented redirect may lead to where one signs in. What a request changes or deletes was created
for it, so that nothing else is lost where the operation turns out to be open; what cannot be
created is deleted by an id that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.ai import credentials
from app.ai.checks import unknown_id
from app.ai.checks.check import Check, Found
from app.ai.requests import Request

_BAD_REQUEST, _UNAUTHENTICATED, _FORBIDDEN = 400, 401, 403
#: Asked without credentials by browsers (Fetch, CORS preflight), or not at all.
_LEFT_OUT = frozenset({"OPTIONS", "TRACE", "CONNECT"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Alternatives whose credentials are tried.
_MOST = 3


def checks(found: Found) -> Iterator[Check]:
    """One without credentials, one with unknown ones of each alternative, one with malformed."""
    operation, description = found.material.operation, found.material.description
    if operation.method in _LEFT_OUT or found.inputs.lacking:
        return
    if not credentials.are_asked_for(operation, description):
        return
    request = request_of(found)
    if request is None:
        return
    yield _check(found, "without credentials", "Without credentials", _denials(found), request)
    refused = (_UNAUTHENTICATED, _FORBIDDEN)
    text = f"unknown-{found.material.values.chance_of('unknown credentials').getrandbits(64):016x}"
    alternatives = list(credentials.unknown(operation, description, text))[:_MOST]
    for names, proof in alternatives:
        name = "unknown credentials" + (f" {names}" if len(alternatives) > 1 else "")
        yield _check(found, name, "With credentials that nobody has", refused, proof.of(request))
    if nothing := credentials.malformed(operation, description, text):
        name, when = "malformed credentials", "With credentials of no known form"
        yield _check(found, name, when, (_BAD_REQUEST, *refused), nothing.of(request))


def request_of(found: Found) -> Request | None:
    """The documented request for something that exists; None where it would take something away."""
    method = found.material.operation.method
    # Its own, so that it is there whatever else is: a list may be empty.
    steps = found.created()
    if method != "DELETE":
        steps = max(steps, found.existing(), key=len)
    if method != "DELETE" or steps or not found.inputs.request.path:
        return found.with_steps(found.inputs.request, steps)
    unknown = unknown_id.unknown_path(found)
    return (
        replace(found.inputs.request, path={**found.inputs.request.path, **unknown})
        if unknown
        else None
    )


def _check(
    found: Found, name: str, when: str, statuses: tuple[int, ...], request: Request
) -> Check:
    documented = found.documented(_UNAUTHENTICATED) or found.documented(_FORBIDDEN)
    return Check(
        name=name,
        intent=f"{when} the request is refused.",
        source=documented.pointer if documented else found.material.operation.pointer,
        request=replace(request, anonymous=True),
        expectation="denied",
        statuses=(*statuses, *_redirects(found)),
    )


def _redirects(found: Found) -> Iterator[int]:
    for each in found.material.operation.responses:
        if each.status.isdecimal() and int(each.status) in _REDIRECTS:
            yield int(each.status)


def _denials(found: Found) -> tuple[int, ...]:
    """What answers a request without credentials."""
    is_documented = found.documented(_UNAUTHENTICATED) is not None
    if is_documented and found.documented(_FORBIDDEN) is None:
        return (_UNAUTHENTICATED,)
    return (_UNAUTHENTICATED, _FORBIDDEN)
