"""The demo as a Flask application: its routes come straight from its description."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Mapping

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from demo import description, library, problems, wire
from demo.faults import Fault
from demo.library import Library
from demo.problems import ProblemError
from demo.views import books, loans, members, service

#: What serves each operation of the description.
VIEWS: Mapping[str, Callable[..., Response]] = {
    "readHealth": service.read_health,
    "searchBooks": books.search_books,
    "listBooks": books.list_books,
    "createBook": books.create_book,
    "readBook": books.read_book,
    "replaceBook": books.replace_book,
    "changeBook": books.change_book,
    "withdrawBook": books.withdraw_book,
    "listMembers": members.list_members,
    "createMember": members.create_member,
    "readMember": members.read_member,
    "listLoans": loans.list_loans,
    "createLoan": loans.create_loan,
    "readLoan": loans.read_loan,
    "returnLoan": loans.return_loan,
    "reportOverdue": loans.report_overdue,
}


def create_app(switched_on: Collection[Fault], today: Callable[[], dt.date]) -> Flask:
    """The demo with some faults switched on and everything else as described.

    `today` is asked anew for every request.
    """
    app = Flask("demo", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = wire.MAX_BODY_BYTES
    app.register_error_handler(ProblemError, problems.render)
    app.register_error_handler(HTTPException, _explain)
    app.add_url_rule("/openapi.json", "description", _describe)
    shelf = library.opened(today)
    for route in description.routes():
        served = functools.partial(VIEWS[route.operation_id], shelf)
        for fault in switched_on:
            if fault.operation == route.key:
                served = functools.partial(_faulty, fault, served, shelf)
        app.add_url_rule(route.rule, route.operation_id, served, methods=[route.method])
    return app


def _describe() -> Response:
    return wire.answer(description.document())


def _explain(error: HTTPException) -> Response:
    """What Flask refuses by itself, such as an unknown path, as problem details."""
    kept = {name: value for name, value in error.get_headers() if name == "Allow"}
    return problems.render(ProblemError(error.code or 500, error.description or "", headers=kept))


def _faulty(fault: Fault, served: Callable[..., Response], shelf: Library, **ids: str) -> Response:
    return fault.alter(functools.partial(served, **ids), shelf)
