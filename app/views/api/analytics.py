"""REST: what all runs of a suite say together."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.domain.analytics.coverage import Coverage
from app.services.analytics import coverage, figures, quarantine, verdicts
from app.views import auth
from app.views.api import analytics_shapes as shapes
from app.views.api import answers
from app.views.api.documentation import SECURITY, errors, tag
from app.views.api.shapes import ItemPath, PageOf, PageQuery
from app.views.database import transaction

_tag = tag("Analytics")

_suites = APIBlueprint(
    "api_suite_analytics",
    __name__,
    url_prefix="/api/v1/suites/<id>",
    abp_tags=[_tag],
    abp_security=SECURITY,
    abp_responses=errors(401, 404, 422),
)
_runs = APIBlueprint(
    "api_verdicts",
    __name__,
    url_prefix="/api/v1/runs/<id>",
    abp_tags=[_tag],
    abp_security=SECURITY,
    abp_responses=errors(401, 404, 422),
)
_checks = APIBlueprint(
    "api_checks",
    __name__,
    url_prefix="/api/v1/checks/<id>",
    abp_tags=[_tag],
    abp_security=SECURITY,
    abp_responses=errors(401, 404, 422),
)

BLUEPRINTS = (_suites, _runs, _checks)


@_suites.get(
    "/statistics", summary="Get the figures of a suite", responses={200: shapes.SuiteFigures}
)
def suite(path: ItemPath) -> Response:
    """How much is red, and what its whole runs were like."""
    with transaction() as session:
        known = figures.of_suite(session, path.id)
        whole = shapes.Figures.model_validate(known.suite) if known.suite else None
        shape = shapes.SuiteFigures(
            checks=known.checks,
            red=known.red,
            quarantined=known.quarantined,
            whole_runs=whole,
        )
    return answers.one(shape)


@_suites.get(
    "/statistics/operations",
    summary="List the figures of a suite's operations",
    responses={200: PageOf[shapes.OperationFigures], **errors(400)},
)
def operations(path: ItemPath, query: PageQuery) -> Response:
    """By operation."""
    with transaction() as session:
        found = figures.operations(session, path.id, cursor=query.cursor, limit=query.limit)
        return answers.page(shapes.OperationFigures, found)


@_suites.get(
    "/statistics/checks",
    summary="List the figures of a suite's checks",
    responses={200: PageOf[shapes.CheckFigures], **errors(400)},
)
def checks(path: ItemPath, query: shapes.CheckQuery) -> Response:
    """By operation and check: all there are now, those that are red, or those in quarantine."""
    with transaction() as session:
        found = figures.checks(
            session, path.id, query.chosen, cursor=query.cursor, limit=query.limit
        )
        return answers.page(shapes.CheckFigures, found)


@_suites.get(
    "/failure-groups",
    summary="List failures that are the same",
    responses={200: PageOf[shapes.FailureGroup], **errors(400)},
)
def groups(path: ItemPath, query: PageQuery) -> Response:
    """The last to come first."""
    with transaction() as session:
        found = figures.groups(session, path.id, cursor=query.cursor, limit=query.limit)
        return answers.page(shapes.FailureGroup, found)


@_suites.get(
    "/anomalies",
    summary="List what was unusual",
    responses={200: PageOf[shapes.Anomaly], **errors(400)},
)
def anomalies(path: ItemPath, query: PageQuery) -> Response:
    """Newest first."""
    with transaction() as session:
        found = figures.anomalies(session, path.id, cursor=query.cursor, limit=query.limit)
        return answers.page(shapes.Anomaly, found)


@_suites.get(
    "/coverage",
    summary="Get how much of its API a suite covers",
    responses={200: shapes.CoverageSummary},
)
def covered(path: ItemPath) -> Response:
    """Operations asked, documented statuses seen, documented parameters sent."""
    with transaction() as session:
        found = coverage.summary(session, path.id)
    return answers.one(shapes.CoverageSummary.model_validate(found))


@_suites.get(
    "/coverage/operations",
    summary="List what was seen of each operation",
    responses={200: PageOf[shapes.OperationCoverage], **errors(400)},
)
def covered_operations(path: ItemPath, query: PageQuery) -> Response:
    """In the order of the API description: requests by status and parameter."""
    with transaction() as session:
        found = coverage.operations(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.OperationCoverage, found.map(_covered))


def _covered(found: Coverage) -> shapes.OperationCoverage:
    return shapes.OperationCoverage(
        operation=found.documented.operation,
        requests=found.requests,
        statuses=list(found.documented.statuses),
        statuses_seen=list(found.statuses),
        parameters=list(found.documented.parameters),
        parameters_sent=list(found.parameters),
        undocumented=dict(found.undocumented),
        cells=[
            shapes.CoverageCell(parameter=parameter, status=status, requests=amount)
            for (parameter, status), amount in sorted(found.cells.items())
        ],
    )


@_runs.get(
    "/verdicts",
    summary="List why checks of a run are red",
    responses={200: PageOf[shapes.Verdict], **errors(400)},
)
def of_run(path: ItemPath, query: PageQuery) -> Response:
    """By operation and check; empty until analytics has counted the run."""
    with transaction() as session:
        found = verdicts.of_run(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Verdict, found)


@_runs.put(
    "/results/<result_id>/verdict",
    summary="Say why a check is red",
    responses={200: shapes.Verdict, **errors(400, 409, 415)},
)
def correct(path: shapes.ResultPath, body: shapes.Correction) -> Response:
    """In the place of what was found; it holds whenever this failure of the check comes again."""
    with transaction() as session:
        found = verdicts.correct(
            session,
            path.id,
            path.result_id,
            cause=body.cause,
            note=body.note,
            user_id=auth.api_user_id(),
        )
    return answers.one(shapes.Verdict.model_validate(found))


@_runs.delete(
    "/results/<result_id>/verdict",
    summary="Let the verdict that was found hold again",
    responses={200: shapes.Verdict, **errors(409)},
)
def withdraw(path: shapes.ResultPath) -> Response:
    """Forget what somebody said."""
    with transaction() as session:
        found = verdicts.withdraw(session, path.id, path.result_id)
    return answers.one(shapes.Verdict.model_validate(found))


@_checks.get("", summary="Get the figures of a check", responses={200: shapes.CheckFigures})
def check(path: ItemPath) -> Response:
    """One check of a suite over all runs."""
    with transaction() as session:
        shape = shapes.CheckFigures.model_validate(quarantine.get(session, path.id))
    return answers.one(shape)


@_checks.delete(
    "/quarantine",
    summary="Lift the quarantine of a check",
    responses={200: shapes.CheckFigures, **errors(409)},
)
def lift(path: ItemPath) -> Response:
    """From now on runs fail because of it again."""
    with transaction() as session:
        found = quarantine.lift(session, path.id, user_id=auth.api_user_id())
        shape = shapes.CheckFigures.model_validate(found)
    return answers.one(shape)
