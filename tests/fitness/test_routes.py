"""Every route asks who is there, except the few that are open on purpose."""

import re

import pytest
from werkzeug.routing import Rule

from app.factory import create_app
from tests.database_fixtures import settings_for

#: Endpoints that answer anybody, and why.
OPEN = {
    "static": "style, scripts and icons",
    "health.alive": "asked by supervisors",
    "health.ready": "asked by supervisors",
    "prometheus_metrics": "scraped; numbers only",
    "api_document.openapi": "the API's documentation",
    "sign_in.page": "where one proves who one is",
}

APP = create_app(settings_for("postgresql://127.0.0.1:1/none"))
APP.config["WTF_CSRF_ENABLED"] = False
RULES = [rule for rule in APP.url_map.iter_rules() if rule.endpoint not in OPEN]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.endpoint} {rule.rule}")
def test_a_route_asks_who_is_there(rule: Rule) -> None:
    """The database is away: an answer that needs it would be 503."""
    path = re.sub("<[^>]+>", "x", re.sub("<int:[^>]+>", "1", rule.rule))
    for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
        answer = APP.test_client().open(path, method=method)
        signing_in = answer.status_code == 302 and "sign" in answer.location
        assert signing_in or answer.status_code == 401, (method, path, answer.status_code)


def test_what_is_open_exists() -> None:
    endpoints = {rule.endpoint for rule in APP.url_map.iter_rules()}
    assert set(OPEN) <= endpoints
