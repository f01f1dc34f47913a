"""Every error becomes an answer here: a problem under /api, a page elsewhere."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from app.errors import PlatformError, UnavailableError
from app.views import problems

log = structlog.get_logger(__name__)

API = "/api/"


def install(app: Flask) -> None:
    """Answer every error that leaves a view."""
    app.register_error_handler(PlatformError, _platform)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _platform(error: PlatformError) -> Response:
    if request.path.startswith(API):
        return problems.of_platform(error)
    status = problems.status_of(error)
    title = problems.name_of(error).replace("-", " ").capitalize()
    return _page(status, title, error.detail, error.hint)


def _http(error: HTTPException) -> Response:
    if request.path.startswith(API):
        return problems.of_http(error)
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    answer = _page(status, status.phrase, error.description or status.description)
    answer.headers.extend(
        {name: value for name, value in error.get_headers() if name in {"Allow", "Location"}}
    )
    return answer


def _unexpected(error: Exception) -> Response:
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database.failed", path=request.path, error=str(error.orig))
        return _platform(UnavailableError("The database does not answer.", hint="Try again soon."))
    log.error("request.failed", path=request.path, method=request.method, exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "Something broke on our side. It was logged."
    if request.path.startswith(API):
        return problems.answer(status, detail)
    return _page(status, status.phrase, detail)


def _page(status: HTTPStatus, title: str, detail: str, hint: str = "") -> Response:
    page = render_template("error.html", status=status.value, title=title, detail=detail, hint=hint)
    return make_response(page, status)
