"""REST: alerts of suites."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.services.analytics import alerts
from app.services.paging import Page
from app.views import auth
from app.views.api import alert_shapes as shapes
from app.views.api import answers
from app.views.api.documentation import SECURITY, errors, tag
from app.views.api.shapes import ItemPath, PageOf
from app.views.database import transaction

_tag = tag("Alerts")

_suites = APIBlueprint(
    "api_suite_alerts",
    __name__,
    url_prefix="/api/v1/suites/<id>/alerts",
    abp_tags=[_tag],
    abp_security=SECURITY,
    abp_responses=errors(401, 404, 422),
)
_alerts = APIBlueprint(
    "api_alerts",
    __name__,
    url_prefix="/api/v1/alerts/<id>",
    abp_tags=[_tag],
    abp_security=SECURITY,
    abp_responses=errors(401, 404, 422),
)

BLUEPRINTS = (_suites, _alerts)


@_suites.get("", summary="List the alerts of a suite", responses={200: PageOf[shapes.Alert]})
def list_all(path: ItemPath) -> Response:
    """In the order they were set, with how they stand."""
    with transaction() as session:
        return answers.page(shapes.Alert, Page(alerts.list(session, path.id), None))


@_suites.post("", summary="Set an alert", responses={201: shapes.Alert, **errors(400, 415)})
def add(path: ItemPath, body: shapes.NewAlert) -> Response:
    """A limit to a figure; analytics looks at it every quarter of a minute."""
    with transaction() as session:
        rule = alerts.add(
            session,
            path.id,
            kind=body.kind,
            limit=body.limit,
            operation=body.operation,
            user_id=auth.api_user_id(),
        )
        session.refresh(rule)
        shape = shapes.Alert.model_validate(rule)
    return answers.one(shape, HTTPStatus.CREATED)


@_alerts.delete("", summary="Remove an alert", responses={200: shapes.Alert})
def remove(path: ItemPath) -> Response:
    """Nobody looks at the limit any more; answers how it stood."""
    with transaction() as session:
        shape = shapes.Alert.model_validate(alerts.remove(session, path.id))
    return answers.one(shape)
