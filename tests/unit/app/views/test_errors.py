"""Every error becomes an answer: a problem below /api, a page elsewhere."""

import pytest
import structlog
from flask import Flask, Response, abort
from werkzeug.test import TestResponse

from app import errors as app_errors
from app.errors import (
    AuthenticationError,
    CursorError,
    DescriptionError,
    InvalidInputError,
    NotFoundError,
    PlatformError,
    UnavailableError,
)
from app.factory import create_app
from app.views import problems
from tests.database_fixtures import settings_for

ERRORS = [
    value
    for value in vars(app_errors).values()
    if isinstance(value, type) and issubclass(value, PlatformError)
]


@pytest.fixture
def app() -> Flask:
    """An application without a database."""
    return create_app(settings_for("postgresql://127.0.0.1:1/none"))


def raising(app: Flask, error: Exception) -> tuple[TestResponse, TestResponse]:
    """What the API and a page answer where a view raises the error."""

    def view() -> Response:
        raise error

    app.add_url_rule("/api/v1/raise", "api_raise", view)
    app.add_url_rule("/raise", "page_raise", view)
    client = app.test_client()
    return client.get("/api/v1/raise"), client.get("/raise")


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_has_a_status(kind: type[PlatformError]) -> None:
    assert kind in problems.STATUSES


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInputError("No."), 422),
        (DescriptionError("No."), 422),
        (CursorError("No."), 400),
        (NotFoundError("No."), 404),
        (AuthenticationError("No."), 401),
        (UnavailableError("No."), 503),
        (PlatformError("No."), 500),
    ],
)
def test_an_error_answers_with_its_status(app: Flask, error: PlatformError, status: int) -> None:
    problem, page = raising(app, error)
    assert (problem.status_code, page.status_code) == (status, status)
    assert problem.mimetype == "application/problem+json"
    assert page.mimetype == "text/html"


def test_a_problem_says_what_where_and_what_to_do(app: Flask) -> None:
    error = InvalidInputError("This may not be empty.", where="name", hint="Give a name.")
    problem, page = raising(app, error)
    assert problem.json == {
        "type": "urn:testops:problem:invalid-input",
        "title": "Invalid input",
        "status": 422,
        "detail": "This may not be empty.",
        "instance": "/api/v1/raise",
        "where": "name",
        "hint": "Give a name.",
        "errors": [{"detail": "This may not be empty.", "pointer": "#/name"}],
    }
    assert "This may not be empty." in page.text
    assert "Give a name." in page.text


def test_a_place_in_a_document_is_no_field_of_the_request(app: Flask) -> None:
    problem, _ = raising(app, DescriptionError("No paths.", where="#/paths"))
    assert problem.json is not None
    assert problem.json["where"] == "#/paths"
    assert "errors" not in problem.json


def test_who_is_unknown_is_told_how_to_prove_it(app: Flask) -> None:
    problem, _ = raising(app, AuthenticationError("Who?"))
    assert problem.headers["WWW-Authenticate"] == 'Bearer realm="testops"'


def test_what_is_away_may_be_asked_again(app: Flask) -> None:
    problem, _ = raising(app, UnavailableError("Away."))
    assert problem.headers["Retry-After"] == "5"


def test_an_unknown_path_is_not_found(app: Flask) -> None:
    client = app.test_client()
    problem, page = client.get("/api/v1/nothing"), client.get("/nothing")
    assert (problem.status_code, page.status_code) == (404, 404)
    assert problem.json is not None
    assert (problem.json["type"], problem.json["title"]) == ("about:blank", "Not Found")
    assert "<html" in page.text


def test_a_method_that_is_not_allowed_names_those_that_are(app: Flask) -> None:
    client = app.test_client()
    for path in ("/api/v1/runs", "/healthz"):
        answer = client.put(path)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


def test_an_unexpected_error_is_logged_and_not_shown(app: Flask) -> None:
    with structlog.testing.capture_logs() as logged:
        problem, page = raising(app, ValueError("s3cret detail"))
    assert (problem.status_code, page.status_code) == (500, 500)
    assert "s3cret" not in problem.text + page.text
    assert [(entry["event"], entry["path"]) for entry in logged] == [
        ("request.failed", "/api/v1/raise"),
        ("request.failed", "/raise"),
    ]


def test_a_database_that_is_away_is_unavailable(app: Flask) -> None:
    client = app.test_client()
    with structlog.testing.capture_logs() as logged:
        answer = client.get("/api/v1/runs", headers={"Authorization": "Bearer testops_x"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert logged[0]["event"] == "database.failed"


def test_a_view_may_break_off_with_an_answer(app: Flask) -> None:
    def view() -> Response:
        abort(Response("teapot", 418))

    app.add_url_rule("/api/v1/teapot", "teapot", view)
    answer = app.test_client().get("/api/v1/teapot")
    assert (answer.status_code, answer.text) == (418, "teapot")
