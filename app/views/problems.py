"""Problem details (RFC 9457): how an error is told to a program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Response, json, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from app.errors import (
    AuthenticationError,
    ConflictError,
    CursorError,
    DescriptionError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    PlatformError,
    TargetError,
    UnavailableError,
)

MEDIA_TYPE = "application/problem+json"

#: The most special class of an error decides.
STATUSES: Mapping[type[PlatformError], HTTPStatus] = {
    InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    DescriptionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    CursorError: HTTPStatus.BAD_REQUEST,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    AuthenticationError: HTTPStatus.UNAUTHORIZED,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    TargetError: HTTPStatus.BAD_GATEWAY,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    PlatformError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_FIELD = re.compile(r"[a-z_]+", re.ASCII)


def status_of(error: PlatformError) -> HTTPStatus:
    """The status that an error answers with."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def name_of(error: PlatformError) -> str:
    """The error's kind in words, lower case with dashes: "not-found"."""
    kind = next(kind for kind in type(error).__mro__ if kind in STATUSES)
    words = re.findall(r"[A-Z][a-z]*", kind.__name__.removesuffix("Error"))
    return "-".join(words).lower()


def of_platform(error: PlatformError) -> Response:
    """The answer to an error of ours."""
    status = status_of(error)
    members: dict[str, object] = {
        key: value for key, value in (("where", error.where), ("hint", error.hint)) if value
    }
    if isinstance(error, InvalidInputError) and _FIELD.fullmatch(error.where):
        members["errors"] = [{"detail": error.detail, "pointer": f"#/{error.where}"}]
    headers = {}
    if status == HTTPStatus.UNAUTHORIZED:
        # RFC 6750, section 3.
        headers["WWW-Authenticate"] = 'Bearer realm="testops"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    return answer(status, error.detail, kind=name_of(error), headers=headers, members=members)


def of_http(error: HTTPException) -> Response:
    """The answer to an error of HTTP itself, such as an unknown path."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    kept = ("Allow", "Retry-After")
    headers = {name: value for name, value in error.get_headers() if name in kept}
    return answer(status, error.description or status.description, headers=headers)


def of_validation(error: ValidationError) -> Response:
    """The answer to input of the wrong shape; each wrong place is named (RFC 6901 pointers)."""
    found = [
        {
            "detail": problem["msg"],
            "pointer": "#" + "".join(f"/{_escaped(part)}" for part in problem["loc"]),
        }
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request does not have the documented shape.",
        kind="invalid-input",
        members={"errors": found},
    )


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def answer(
    status: HTTPStatus,
    detail: str,
    *,
    kind: str = "",
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    """A problem; without a kind it says no more than its status (type "about:blank")."""
    body: dict[str, object | Sequence[object]] = {
        "type": f"urn:testops:problem:{kind}" if kind else "about:blank",
        "title": kind.replace("-", " ").capitalize() if kind else status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": request.path,
        **(members or {}),
    }
    made = Response(json.dumps(body), status=status, mimetype=MEDIA_TYPE)
    made.headers.extend(headers or {})
    return made
