"""Faults of answers: the request is served, but the answer is not the documented one."""

from __future__ import annotations

import json
from typing import Any

from flask import Response

from demo.faults import Serve, fault
from demo.library import Library
from demo.problems import ProblemError


@fault(
    "book-created-200",
    "POST /books",
    kind="status",
    summary="answers 200 instead of 201",
    found=True,
)
def book_created_200(serve: Serve, _: Library) -> Response:
    """A success that is not the documented one."""
    return _with_status(serve(), 200)


@fault(
    "return-accepted-202",
    "POST /loans/{loanId}/return",
    kind="status",
    summary="answers 202, which is not documented",
    found=True,
)
def return_accepted_202(serve: Serve, _: Library) -> Response:
    """A status that the description does not know."""
    return _with_status(serve(), 202)


@fault(
    "unknown-book-200",
    "GET /books/{bookId}",
    kind="status",
    summary="an unknown book answers 200 with an empty object instead of 404",
    found=True,
)
def unknown_book_200(serve: Serve, _: Library) -> Response:
    """Nothing found, and yet a success."""
    try:
        return serve()
    except ProblemError:
        return Response("{}", content_type="application/json")


@fault(
    "unknown-book-withdrawn",
    "DELETE /books/{bookId}",
    kind="status",
    summary="withdrawing an unknown book answers 204 instead of 404",
    found=True,
)
def unknown_book_withdrawn(serve: Serve, _: Library) -> Response:
    """Success reported for something that never was."""
    try:
        return serve()
    except ProblemError:
        return Response(status=204)


@fault(
    "book-without-author",
    "GET /books/{bookId}",
    kind="schema",
    summary="the required property author is missing",
    found=True,
)
def book_without_author(serve: Serve, _: Library) -> Response:
    """A required property is left out."""
    return _without(serve(), "author")


@fault(
    "year-as-text",
    "GET /books",
    kind="schema",
    summary="the year of each listed book is a string instead of an integer",
    found=True,
)
def year_as_text(serve: Serve, _: Library) -> Response:
    """A property has another type."""
    response = serve()
    shown = _json(response)
    for book in shown["items"]:
        book["year"] = str(book["year"])
    return _with_json(response, shown)


@fault(
    "loan-status-lent",
    "GET /loans/{loanId}",
    kind="schema",
    summary="status is lent, which is none of the documented values",
    found=True,
)
def loan_status_lent(serve: Serve, _: Library) -> Response:
    """A value outside the enumeration."""
    response = serve()
    return _with_json(response, {**_json(response), "status": "lent"})


@fault(
    "due-date-null",
    "POST /loans",
    kind="schema",
    summary="due_on is null, which is not allowed",
    found=True,
)
def due_date_null(serve: Serve, _: Library) -> Response:
    """A null where a value was promised."""
    response = serve()
    return _with_json(response, {**_json(response), "due_on": None})


@fault(
    "search-as-html",
    "GET /search",
    kind="header",
    summary="Content-Type is text/html instead of application/json",
    found=True,
)
def search_as_html(serve: Serve, _: Library) -> Response:
    """JSON announced as something else."""
    response = serve()
    response.content_type = "text/html; charset=utf-8"
    return response


@fault(
    "member-without-location",
    "POST /members",
    kind="header",
    summary="the required header Location is missing",
    found=True,
)
def member_without_location(serve: Serve, _: Library) -> Response:
    """A required header of a creation is left out."""
    response = serve()
    del response.headers["Location"]
    return response


@fault(
    "members-without-total",
    "GET /members",
    kind="header",
    summary="the required header X-Total-Count is missing",
    found=True,
)
def members_without_total(serve: Serve, _: Library) -> Response:
    """A required header of a list is left out."""
    response = serve()
    del response.headers["X-Total-Count"]
    return response


def _with_status(response: Response, status: int) -> Response:
    response.status_code = status
    return response


def _json(response: Response) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(response.get_data())
    return value


def _with_json(response: Response, value: object) -> Response:
    response.set_data(json.dumps(value))
    return response


def _without(response: Response, name: str) -> Response:
    return _with_json(response, {k: v for k, v in _json(response).items() if k != name})


FAULTS = (
    book_created_200,
    return_accepted_202,
    unknown_book_200,
    unknown_book_withdrawn,
    book_without_author,
    year_as_text,
    loan_status_lent,
    due_date_null,
    search_as_html,
    member_without_location,
    members_without_total,
)
