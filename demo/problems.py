"""Errors as problem details (RFC 9457): what a client did wrong, and where."""

from __future__ import annotations

import http
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with a request."""

    #: JSON pointer into the body, or the name of a parameter or header.
    where: str
    message: str


class ProblemError(Exception):
    """A request that cannot be served, and the status that says so."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Complaint] = (),
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def not_found(what: str, identifier: object) -> ProblemError:
    """There is no such resource."""
    return ProblemError(404, f"There is no {what} {identifier}.")


def unprocessable(errors: Sequence[Complaint]) -> ProblemError:
    """What was sent breaks the description."""
    return ProblemError(422, "What was sent breaks the description.", errors)


def render(problem: ProblemError) -> Response:
    """The problem as a response."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": http.HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = [{"where": e.where, "message": e.message} for e in problem.errors]
    return Response(
        json.dumps(body),
        status=problem.status,
        headers=dict(problem.headers),
        content_type="application/problem+json",
    )
