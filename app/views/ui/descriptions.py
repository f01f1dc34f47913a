"""API descriptions: the list, adding one, what one holds, and making a suite of it."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.errors import InvalidInputError, PlatformError
from app.services import descriptions, suites
from app.views.database import settings, transaction
from app.views.ui import suite_form
from app.views.ui.requests import REFUSED, argument, field, is_fragment

BLUEPRINT = Blueprint("descriptions", __name__, url_prefix="/api-descriptions")


@BLUEPRINT.get("/")
def index() -> str:
    """The descriptions, newest first."""
    with transaction() as session:
        page = descriptions.list(session, cursor=argument("cursor") or None)
        return render_template("descriptions/index.html", page=page)


@BLUEPRINT.get("/new")
def new() -> str:
    """The form to add one."""
    return render_template("descriptions/new.html", source="url", demo_url=settings().demo_url)


@BLUEPRINT.post("/")
def create() -> ResponseReturnValue:
    """Read and store a description; back to the form with what was wrong."""
    try:
        reading = _read()
        with transaction() as session:
            added = descriptions.add(session, reading, user_id=current_user.id)
    except PlatformError as error:
        name = "descriptions/form.html" if is_fragment() else "descriptions/new.html"
        source = field("source") or "url"
        return render_template(name, error=error, url=field("url"), source=source), REFUSED
    return _go(url_for("descriptions.detail", description_id=added.id))


def _read() -> descriptions.Reading:
    if field("source") != "file":
        return descriptions.read_url(field("url"), settings())
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise InvalidInputError("No file is chosen.", hint="Choose the description's file.")
    return descriptions.read_bytes(upload.read())


def _go(url: str) -> ResponseReturnValue:
    """Lead the browser on, also where htmx sent the form."""
    if not is_fragment():
        return redirect(url)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


@BLUEPRINT.get("/<description_id>")
def detail(description_id: str) -> str:
    """A description: operations, problems, suites, and the form for a new suite."""
    return _page(description_id)


def _page(
    description_id: str,
    form: suite_form.SuiteForm | None = None,
    error: PlatformError | None = None,
) -> str:
    with transaction() as session:
        description = descriptions.get(session, description_id)
        return render_template(
            "descriptions/detail.html",
            description=description,
            operations=descriptions.all_operations(session, description_id),
            suites=suites.of_description(session, description_id),
            form=form or suite_form.proposed(description),
            error=error,
        )


@BLUEPRINT.post("/<description_id>/suites")
def create_suite(description_id: str) -> ResponseReturnValue:
    """Make a suite of a description; back to the form with what was wrong."""
    form = suite_form.sent()
    try:
        with transaction() as session:
            suite = suites.create(
                session,
                description_id,
                name=form.name,
                base_url=form.base_url,
                headers=suite_form.headers_of(form.headers),
                secrets=suite_form.secrets_of(form.secrets),
                settings=settings(),
                user_id=current_user.id,
            )
    except InvalidInputError as error:
        return _page(description_id, form, error), REFUSED
    return redirect(url_for("suites.detail", suite_id=suite.id))
