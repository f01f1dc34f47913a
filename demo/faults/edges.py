"""Faults at the edges: what nobody thought of crashes the demo, or is taken as if it were right."""

from __future__ import annotations

import re

from flask import Response, abort, g, request

from demo import description, wire
from demo.faults import Serve, fault
from demo.library import Library
from demo.problems import ProblemError

#: What stands in place of a year, an address or a status that should have been refused.
_YEAR = 2000
_EMAIL = "nobody@example.org"
_LAST_LIMIT = "50"
_TRACE = """Traceback (most recent call last):
  File "library.py", line 88, in loan
KeyError: the loan"""


@fault(
    "book-id-in-words-500",
    "GET /books/{bookId}",
    kind="crash",
    summary="500 on an id that is not a number, instead of 404",
    found=True,
)
def book_id_in_words_500(serve: Serve, _: Library) -> Response:
    """A crash on an id of another type."""
    if not request.path.rpartition("/")[2].isdecimal():
        abort(500)
    return serve()


@fault(
    "search-in-many-scripts-500",
    "GET /search",
    kind="crash",
    summary="500 where the word is not written in ASCII",
    found=True,
)
def search_in_many_scripts_500(serve: Serve, _: Library) -> Response:
    """A crash on a letter nobody thought of."""
    if not request.args.get("q", "").isascii():
        abort(500)
    return serve()


@fault(
    "last-limit-500",
    "GET /members",
    kind="crash",
    summary="500 where the limit is exactly 50, the documented maximum",
    found=True,
)
def last_limit_500(serve: Serve, _: Library) -> Response:
    """A crash at a bound."""
    if request.args.get("limit") == _LAST_LIMIT:
        abort(500)
    return serve()


@fault(
    "cut-off-body-500",
    "POST /members",
    kind="crash",
    summary="500 on a body that is no JSON, instead of 400",
    found=True,
)
def cut_off_body_500(serve: Serve, _: Library) -> Response:
    """A crash on a malformed body."""
    try:
        wire.parse(request.get_data() or b"{}")
    except ProblemError:
        abort(500)
    return serve()


@fault(
    "health-head-500",
    "GET /health",
    kind="crash",
    summary="500 where HEAD is asked, instead of what GET is answered",
    found=True,
)
def health_head_500(serve: Serve, _: Library) -> Response:
    """A crash on a method nobody thought of."""
    if request.method == "HEAD":
        abort(500)
    return serve()


@fault(
    "unlisted-status-taken",
    "GET /loans",
    kind="validation",
    summary="a status that is none of the documented ones is ignored instead of refused",
    found=True,
)
def unlisted_status_taken(serve: Serve, _: Library) -> Response:
    """An enum that is not kept."""
    given = wire.arguments()
    validator = description.validator("LoanStatus")
    if "status" in given and not validator.is_valid(given["status"]):
        g.arguments = {name: text for name, text in given.items() if name != "status"}
    return serve()


@fault(
    "isbn-off-pattern-taken",
    "PUT /books/{bookId}",
    kind="validation",
    summary="an ISBN that does not match its pattern is left out instead of refused",
    found=True,
)
def isbn_off_pattern_taken(serve: Serve, _: Library) -> Response:
    """A pattern that is not kept."""
    body = _received()
    if not description.validator("Isbn").is_valid(body.get("isbn")):
        body["isbn"] = None
    return serve()


@fault(
    "email-off-format-taken",
    "POST /members",
    kind="validation",
    summary="an e-mail address that is none is replaced instead of refused",
    found=True,
)
def email_off_format_taken(serve: Serve, _: Library) -> Response:
    """A format that is not kept."""
    body = _received()
    email = body.get("email")
    if isinstance(email, str) and not re.fullmatch(r"[^@]+@[^@]+", email):
        body["email"] = _EMAIL
    return serve()


@fault(
    "year-in-words-taken",
    "POST /books",
    kind="validation",
    summary="a year that is a text is read as 2000 instead of refused",
    found=True,
)
def year_in_words_taken(serve: Serve, _: Library) -> Response:
    """A type that is not kept."""
    body = _received()
    if isinstance(body.get("year"), str):
        body["year"] = _YEAR
    return serve()


@fault(
    "unknown-fact-taken",
    "PATCH /books/{bookId}",
    kind="validation",
    summary="a property that is not documented is ignored instead of refused",
    found=True,
)
def unknown_fact_taken(serve: Serve, _: Library) -> Response:
    """Properties that nobody knows."""
    body = _received()
    known = description.document()["components"]["schemas"]["BookChange"]["properties"]
    for name in [name for name in body if name not in known]:
        del body[name]
    return serve()


@fault(
    "loan-as-plain-text-taken",
    "POST /loans",
    kind="validation",
    summary="JSON that calls itself text/plain is taken instead of refused with 415",
    found=True,
)
def loan_as_plain_text_taken(serve: Serve, _: Library) -> Response:
    """A media type that is not documented."""
    if request.mimetype == "text/plain":
        g.body = wire.parse(request.get_data())
    return serve()


@fault(
    "loan-tells-trace",
    "GET /loans/{loanId}",
    kind="exposure",
    summary="the answer for an unknown loan holds a stack trace",
    found=True,
)
def loan_tells_trace(serve: Serve, _: Library) -> Response:
    """An error that tells how the demo is made."""
    try:
        return serve()
    except ProblemError as error:
        raise ProblemError(error.status, _TRACE) from error


def _received() -> dict[str, object]:
    """The object that the operation will see; an empty one that it will not, where none came."""
    try:
        body = g.body if "body" in g else wire.received()
    except ProblemError:
        return {}
    if not isinstance(body, dict):
        return {}
    g.body = body
    return body


FAULTS = (
    book_id_in_words_500,
    search_in_many_scripts_500,
    last_limit_500,
    cut_off_body_500,
    health_head_500,
    unlisted_status_taken,
    isbn_off_pattern_taken,
    email_off_format_taken,
    year_in_words_taken,
    unknown_fact_taken,
    loan_as_plain_text_taken,
    loan_tells_trace,
)
