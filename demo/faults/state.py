"""Faults of state: every single answer looks right, but what was promised did not happen."""

from __future__ import annotations

from flask import Response, g, request

from demo.faults import Serve, fault
from demo.library import Library
from demo.views.loans import LIBRARIAN_KEY


@fault(
    "replacement-not-stored",
    "PUT /books/{bookId}",
    kind="state",
    summary="answers with the new facts but keeps the old ones",
    found=True,
)
def replacement_not_stored(serve: Serve, library: Library) -> Response:
    """An update that is forgotten."""
    before = dict(library.books)
    response = serve()
    library.books.update(before)
    return response


@fault(
    "withdrawn-book-stays",
    "DELETE /books/{bookId}",
    kind="state",
    summary="answers 204 but the book stays on the shelf",
    found=True,
)
def withdrawn_book_stays(serve: Serve, library: Library) -> Response:
    """A deletion that does not happen."""
    before = set(library.withdrawn)
    response = serve()
    library.withdrawn.intersection_update(before)
    return response


@fault(
    "genre-ignored",
    "GET /books",
    kind="state",
    summary="the filter genre is ignored",
    found=True,
)
def genre_ignored(serve: Serve, _: Library) -> Response:
    """A filter that filters nothing."""
    g.arguments = {name: value for name, value in request.args.items() if name != "genre"}
    return serve()


@fault(
    "offset-one-off",
    "GET /members",
    kind="state",
    summary="a page after the first leaves one member out",
    found=True,
)
def offset_one_off(serve: Serve, _: Library) -> Response:
    """A page that begins one too late."""
    offset = request.args.get("offset", "0")
    if offset.isdecimal() and 0 < int(offset[:9]) < 1_000_000:  # noqa: PLR2004 - the maximum
        g.arguments = {**request.args, "offset": str(int(offset) + 1)}
    return serve()


@fault(
    "report-for-everybody",
    "GET /reports/overdue",
    kind="access",
    summary="answers 200 without the librarian's key instead of 401",
    found=True,
)
def report_for_everybody(serve: Serve, _: Library) -> Response:
    """A protected operation that is open."""
    request.environ["HTTP_X_API_KEY"] = LIBRARIAN_KEY
    return serve()


FAULTS = (
    replacement_not_stored,
    withdrawn_book_stays,
    genre_ignored,
    offset_one_off,
    report_for_everybody,
)
