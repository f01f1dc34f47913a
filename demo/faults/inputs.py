"""Faults of inputs: what should be refused crashes the demo, or is taken."""

from __future__ import annotations

from flask import Response, abort, g, request

from demo import wire
from demo.faults import Serve, fault
from demo.library import Library
from demo.problems import ProblemError


@fault(
    "book-without-title-500",
    "POST /books",
    kind="crash",
    summary="500 when the required property title is missing, instead of 422",
    found=True,
)
def book_without_title_500(serve: Serve, _: Library) -> Response:
    """A crash on a missing property."""
    body = _received()
    if isinstance(body, dict) and "title" not in body:
        abort(500)
    return serve()


@fault(
    "search-without-word-500",
    "GET /search",
    kind="crash",
    summary="500 when the required parameter q is missing, instead of 422",
    found=True,
)
def search_without_word_500(serve: Serve, _: Library) -> Response:
    """A crash on a missing query parameter."""
    if "q" not in request.args:
        abort(500)
    return serve()


@fault(
    "change-without-body-500",
    "PATCH /books/{bookId}",
    kind="crash",
    summary="500 when the required body is missing, instead of 400",
    found=True,
)
def change_without_body_500(serve: Serve, _: Library) -> Response:
    """A crash on a missing body."""
    if not request.get_data():
        abort(500)
    return serve()


@fault(
    "unknown-member-500",
    "GET /members/{memberId}",
    kind="crash",
    summary="an unknown member answers 500 instead of 404",
    found=True,
)
def unknown_member_500(serve: Serve, _: Library) -> Response:
    """A crash on an unknown id."""
    try:
        return serve()
    except ProblemError:
        abort(500)


@fault(
    "member-without-email",
    "POST /members",
    kind="validation",
    summary="a member without the required email is enrolled instead of refused",
    found=True,
)
def member_without_email(serve: Serve, _: Library) -> Response:
    """A required property is not asked for."""
    body = _received()
    if isinstance(body, dict):
        body.setdefault("email", "nobody@example.org")
    return serve()


@fault(
    "loan-without-key",
    "POST /loans",
    kind="validation",
    summary="a loan without the required header Idempotency-Key is made instead of refused",
    found=True,
)
def loan_without_key(serve: Serve, library: Library) -> Response:
    """A required header is not asked for."""
    if "Idempotency-Key" not in request.headers:
        number = len(library.loans)
        request.environ["HTTP_IDEMPOTENCY_KEY"] = f"00000000-0000-4000-8000-{number:012}"
    return serve()


@fault(
    "long-title-taken",
    "POST /books",
    kind="validation",
    summary="a title of more than 120 characters is cut and taken instead of refused",
    found=True,
)
def long_title_taken(serve: Serve, _: Library) -> Response:
    """An upper bound of a text is not kept."""
    body = _received()
    if isinstance(body, dict) and isinstance(body.get("title"), str):
        body["title"] = body["title"][:120]
    return serve()


@fault(
    "large-limit-taken",
    "GET /loans",
    kind="validation",
    summary="a limit above 50 is taken as 50 instead of refused",
    found=True,
)
def large_limit_taken(serve: Serve, _: Library) -> Response:
    """An upper bound of a number is not kept."""
    limit = request.args.get("limit", "")
    if limit.isdecimal() and int(limit[:9]) > 50:  # noqa: PLR2004 - the documented maximum
        g.arguments = {**request.args, "limit": "50"}
    return serve()


def _received() -> object:
    """The body that the operation will see; changing it changes what the operation gets."""
    if "body" not in g:
        g.body = wire.received()
    body: object = g.body
    return body


FAULTS = (
    book_without_title_500,
    search_without_word_500,
    change_without_body_500,
    unknown_member_500,
    member_without_email,
    loan_without_key,
    long_title_taken,
    large_limit_taken,
)
