"""Who has no role that the description asks for is refused: broken function level authorisation.

API5:2023 of OWASP's API risks. Which roles a user has no description says. The second identity is
an ordinary user by agreement, unless its name says otherwise; so it is the one that asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.ai import credentials, wording
from app.ai.checks import access
from app.ai.checks.check import Check, Found
from app.openapi.model import Operation

_FORBIDDEN, _NOT_FOUND = 403, 404
_LEFT_OUT = frozenset({"OPTIONS", "TRACE", "CONNECT"})

_SEGMENTS = frozenset({"admin", "administration"})


def checks(found: Found) -> Iterator[Check]:
    """At most one: an ordinary user is refused what is for administrators."""
    operation, description = found.material.operation, found.material.description
    forbidden = found.documented(_FORBIDDEN)
    if operation.method in _LEFT_OUT or found.inputs.lacking or forbidden is None:
        return
    if not credentials.are_asked_for(operation, description) or not _is_for_admins(
        operation, forbidden.description
    ):
        return
    request = access.request_of(found)
    if request is not None:
        yield Check(
            name="not for ordinary users",
            intent="Who is no admin is refused.",
            source=forbidden.pointer,
            request=replace(request, client="other"),
            expectation="denied",
            statuses=(_FORBIDDEN, _NOT_FOUND),
            role="admin",
        )


def _is_for_admins(operation: Operation, refusal: str) -> bool:
    place = operation.path.lower().partition("{")[0]
    if _SEGMENTS & set(place.split("/")) or _are_asked_for(operation):
        return True
    return wording.is_only_for(wording.ADMINS, operation, refusal)


def _are_asked_for(operation: Operation) -> bool:
    """Whether every way to prove who asks wants a role or scope of administrators, and no other.

    Which of several scopes would do is not always said: one is enough to leave it open.
    """
    named = [operation.scopes.get(name, ()) for each in operation.security for name in each]
    return bool(named) and all(
        scopes and all(map(wording.ADMIN_ROLE.fullmatch, scopes)) for scopes in named
    )
