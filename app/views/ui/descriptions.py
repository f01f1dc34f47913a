"""API descriptions: the list, adding one, what one holds, and making a suite of it."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.errors import InvalidInputError, PlatformError
from app.services import descriptions, suites, versions
from app.views.database import settings, transaction
from app.views.ui import suite_form
from app.views.ui.requests import REFUSED, argument, field, is_fragment

BLUEPRINT = Blueprint("descriptions", __name__, url_prefix="/api-descriptions")

#: Versions shown; older ones are found through REST.
_VERSIONS = 10
#: Of a version's number; more than the database counts to.
_DIGITS = 10


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
        given = {"url": field("url"), "text": field("text"), "source": source}
        return render_template(name, error=error, **given), REFUSED
    return _go(url_for("descriptions.detail", description_id=added.id))


def _read() -> descriptions.Reading:
    source = field("source")
    if source == "text":
        return descriptions.read_bytes(field("text").encode("utf-8", "replace"))
    return _uploaded() if source == "file" else descriptions.read_url(field("url"), settings())


def _uploaded() -> descriptions.Reading:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise InvalidInputError("No file is chosen.", hint="Choose the description's file.")
    return descriptions.read_bytes(upload.read(), name=upload.filename)


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
    refused: PlatformError | None = None,
) -> str:
    with transaction() as session:
        description = descriptions.get(session, description_id)
        return render_template(
            "descriptions/detail.html",
            description=description,
            operations=descriptions.all_operations(session, description_id),
            suites=suites.of_description(session, description_id),
            versions=versions.list(session, description_id, limit=_VERSIONS).items,
            form=form or suite_form.proposed(description),
            error=error,
            refused=refused,
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
                identities=suite_form.identities_of(form.identities),
                settings=settings(),
                user_id=current_user.id,
            )
    except InvalidInputError as error:
        return _page(description_id, form, error), REFUSED
    return redirect(url_for("suites.detail", suite_id=suite.id))


@BLUEPRINT.post("/<description_id>/fetch")
def fetch(description_id: str) -> ResponseReturnValue:
    """Fetch a description again; the page tells what changed, or why it could not be read."""
    with transaction() as session:
        url = versions.address(session, description_id)
    try:
        reading = descriptions.read_url(url, settings())
    except PlatformError as error:
        with transaction() as session:
            versions.refuse(session, description_id, error)
    else:
        _take(description_id, reading)
    return redirect(url_for("descriptions.detail", description_id=description_id))


@BLUEPRINT.post("/<description_id>/versions")
def replace(description_id: str) -> ResponseReturnValue:
    """Upload a newer version; back to the page with what was wrong with it."""
    try:
        _take(description_id, _uploaded())
    except InvalidInputError as error:
        return _page(description_id, refused=error), REFUSED
    return redirect(url_for("descriptions.detail", description_id=description_id))


def _take(description_id: str, reading: descriptions.Reading) -> None:
    with transaction() as session:
        versions.take(session, description_id, reading, user_id=current_user.id)


@BLUEPRINT.post("/<description_id>/schedule")
def schedule(description_id: str) -> ResponseReturnValue:
    """Have it fetched again and again, or no more."""
    hours = field("every_hours")
    with transaction() as session:
        every = int(hours) if hours.isdecimal() else None
        versions.schedule(session, description_id, every, dt.datetime.now(dt.UTC))
    return redirect(url_for("descriptions.detail", description_id=description_id))


@BLUEPRINT.get("/<description_id>/versions/<number>/document")
def document(description_id: str, number: str) -> ResponseReturnValue:
    """The document of a version, to be saved."""
    with transaction() as session:
        wanted = int(number) if number.isdecimal() and len(number) < _DIGITS else 0
        found = versions.document(session, description_id, wanted)
    response = make_response(found)
    response.mimetype = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="description-{wanted}"'
    return response
