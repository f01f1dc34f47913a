"""Expectations on an answer, held against the API description and HTTP's own rules.

Each raises AssertionError saying what was expected, what came, and where it is documented. What the
answer leaves open for want of an input (credentials, an existing id) is skipped with the input's
name: a red check is always the API's fault.
"""

from __future__ import annotations

import warnings
from http import HTTPStatus

import pytest

from testops import answers, judging, pointers
from testops.client import Response, named
from testops.json_values import Json
from testops.methods import like_get, not_allowed, options

__all__ = [
    "denied",
    "documented",
    "lacks",
    "like_get",
    "not_allowed",
    "not_found",
    "options",
    "preferred",
    "refused",
    "success",
]

#: Answers that speak of the target's state at this moment (RFC 9110, RFC 4918).
_STATE = {409: "no conflict", 412: "a precondition that holds", 423: "no lock"}
#: These deny what is documented, whatever the inputs: the method, the media type sent.
_DENIALS = frozenset({405, 415})
#: A media type can be refused fairly only where none is documented that could be asked for.
_NOT_ACCEPTABLE = 406
_UNASKED = {_NOT_ACCEPTABLE: "a media type to ask for"}


def documented(response: Response) -> None:
    """The answer is as documented: status, content type, headers, and body against its schema.

    A server error is never right. A client error that is not documented is let pass here: a
    description need not list every error (OpenAPI, section "Responses Object").
    """
    __tracebackhide__ = True
    operation = response.operation
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        judging.fail(response, f"expected no server error, but {_statuses(response)}")
    answer = operation.response_to(response.status)
    if answer is not None:
        answers.headers(response, answer)
        answers.body(response, answer)
    elif operation.statuses and not judging.is_client_error(response.status):
        judging.fail(response, f"expected a documented status: {_statuses(response)}")
    answers.safe_error(response)
    answers.problem(response)


def success(response: Response, *statuses: int, needs: str = "") -> None:
    """The status is one of `statuses`, or any 2xx where none is given.

    Skips where access or the target's state stands in the way. `needs` names an input that the
    description does not give and that was made up: then a refusal is no failure either, unless it
    denies what is documented: the method (405) or a media type (406, 415).
    """
    __tracebackhide__ = True
    status = response.status
    if status in statuses or (not statuses and status // 100 == 2):  # noqa: PLR2004 - 2xx
        return
    missing = judging.ACCESS.get(status) or _STATE.get(status) or _UNASKED.get(status)
    if _is_open(response):
        missing = needs or missing
        if missing:
            pytest.skip(f"Needs {missing}: {response}.")
    wanted = " or ".join(named(each) for each in statuses) or "a success (2xx)"
    judging.fail(response, f"expected {wanted}")


def preferred(response: Response, *statuses: int, needs: str) -> None:
    """Of several documented successes this is the one that was asked for.

    Skips, naming what it needs, where another documented success came: a server may give the whole
    instead of a range (RFC 9110, section 14.2), or have who prefers not to wait do so (RFC 7240).
    """
    __tracebackhide__ = True
    is_other = response.status in judging.SUCCESS and response.status not in statuses
    if is_other and str(response.status) in response.operation.statuses:
        pytest.skip(f"Needs {needs}: {response}.")
    success(response, *statuses, needs=needs)
    answers.partial(response)


def refused(response: Response, needs: str = "") -> None:
    """The request is refused as the client's fault (4xx).

    Skips where the refusal has another reason than the one under test: access, or an unknown
    resource where `needs` names one that was made up.
    """
    __tracebackhide__ = True
    status = response.status
    missing = judging.ACCESS.get(status) or (needs if status in judging.GONE else "")
    if missing:
        pytest.skip(f"Needs {missing}: {response}.")
    if not judging.is_client_error(status):
        judging.fail(response, "expected a refusal (4xx)")
    answers.safe_error(response)


def not_found(response: Response) -> None:
    """The resource is not found: 404, or 410 (RFC 9110, sections 15.5.5 and 15.5.11).

    Skips where access, the form of the id or another input was refused first.
    """
    __tracebackhide__ = True
    status = response.status
    if status in judging.GONE:
        return
    if _is_open(response):
        missing = judging.ACCESS.get(status, "inputs that are looked at after the id")
        pytest.skip(f"Needs {missing}: {response}.")
    judging.fail(response, "expected 404 Not Found")


def denied(response: Response, *statuses: int) -> None:
    """Who asks may not: the status is one of `statuses`.

    Skips where the refusal has another reason than who asks. A 401 that names no way to prove it
    (RFC 9110, section 11.6.1) is warned of, since so many APIs leave that out.
    """
    __tracebackhide__ = True
    status = response.status
    if status == HTTPStatus.UNAUTHORIZED and "WWW-Authenticate" not in response.headers:
        text = f"{response.operation.key}: 401 without WWW-Authenticate (RFC 9110, section 11.6.1)"
        warnings.warn(text, stacklevel=2)
    if status in statuses:
        return
    if _is_open(response) and status != HTTPStatus.FORBIDDEN:
        missing = judging.ACCESS.get(status, "inputs that are looked at after who asks")
        pytest.skip(f"Needs {missing}: {response}.")
    wanted = " or ".join(named(each) for each in statuses)
    judging.fail(response, f"expected {wanted}")


def lacks(response: Response, pointer: str, name: str, value: Json) -> None:
    """No item of the list at a JSON pointer in a successful answer has this value in a property.

    Skips where the list cannot be read.
    """
    __tracebackhide__ = True
    success(response, needs="a list that can be read")
    try:
        items = pointers.value_at(response.json(), pointer)
    except (ValueError, LookupError):
        pytest.skip(f"Needs a list at {pointer or 'the top'}: {response}.")
    if any(isinstance(item, dict) and item.get(name) == value for item in items):
        wanted = f"expected no item whose {name} is {value!r}"
        judging.fail(response, wanted)


def _is_open(response: Response) -> bool:
    """Whether a client error leaves open who is right: it denies nothing that is documented."""
    asked_in_vain = response.status == _NOT_ACCEPTABLE and response.operation.media_types()
    is_denial = response.status in _DENIALS or asked_in_vain
    return judging.is_client_error(response.status) and not is_denial


def _statuses(response: Response) -> str:
    return ", ".join(response.operation.statuses) or "none"
