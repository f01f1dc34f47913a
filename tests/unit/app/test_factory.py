import re

import pytest
from flask import Flask, request

from app import tracing
from app.factory import CONTENT_SECURITY_POLICY, UNPROXIED, create_app
from app.views import health
from tests.database_fixtures import settings_for
from tests.web_fixtures import EMAIL

NOWHERE = "postgresql://127.0.0.1:1/none"


def make(**settings: object) -> Flask:
    return create_app(settings_for(NOWHERE, **settings))


def test_making_an_application_connects_to_nothing() -> None:
    assert make().test_client().get("/healthz").status_code == 200


def test_a_request_is_answered_as_a_part_of_its_trace() -> None:
    app = make()
    app.add_url_rule("/trace", view_func=tracing.current)
    traceparent = f"00-{'a' * 32}-{'b' * 16}-01"
    answer = app.test_client().get("/trace", headers={"traceparent": traceparent})
    assert answer.text.startswith(f"00-{'a' * 32}-")
    assert "a" * 32 not in app.test_client().get("/trace").text


def test_every_answer_carries_the_headers_that_protect() -> None:
    headers = make().test_client().get("/healthz").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "unsafe" not in str(CONTENT_SECURITY_POLICY)


def test_behind_https_nothing_goes_over_http() -> None:
    client = make(https_only=True).test_client()
    answer = client.get("/sign-in")
    assert (answer.status_code, answer.location) == (302, "https://localhost/sign-in")
    answer = client.get("/sign-in", base_url="https://localhost")
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_who_asks_past_the_proxy_is_answered_over_http() -> None:
    """The kubelet would follow a redirect to the pod's own https, which is not there."""
    client = make(https_only=True).test_client()
    statuses = {path: client.get(path).status_code for path in UNPROXIED}
    assert statuses == {"/healthz": 200, "/metrics": 200, "/readyz": 503}


def test_one_application_changes_no_view_of_another() -> None:
    make(https_only=True).test_client().get("/healthz")
    assert "talisman_view_options" not in vars(health.alive)


@pytest.mark.parametrize(("trusted", "address"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_a_proxy_is_believed_only_where_it_is_named(trusted: int, address: str) -> None:
    app = make(trusted_proxies=trusted)
    app.add_url_rule("/who", "who", lambda: request.remote_addr or "")
    answer = app.test_client().get("/who", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    assert answer.text == address


def test_a_form_without_its_token_is_refused() -> None:
    app = make()
    answer = app.test_client().post(_path(app, "sign_in.page"), data={"email": EMAIL})
    assert answer.status_code == 400


def test_the_session_key_is_not_the_secret_key() -> None:
    app = make()
    assert app.config["SECRET_KEY"] != settings_for(NOWHERE).secret


def test_signing_in_is_limited() -> None:
    app = make(sign_in_rate="3 per minute")
    client = app.test_client()
    path = _path(app, "sign_in.page")
    page = client.get(path).text
    [token] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[:1]
    fields = {"csrf_token": token, "email": EMAIL, "password": "wrong"}
    statuses = [client.post(path, data=fields).status_code for _ in range(4)]
    assert 429 not in statuses[:3]
    assert statuses[3] == 429
    assert client.get(path).status_code == 200


def test_metrics_are_those_of_the_process_and_of_the_requests() -> None:
    client = make().test_client()
    client.get("/healthz")
    shown = client.get("/metrics").text
    assert "test_cases_status" in shown
    assert "testops_sign_ins_total" in shown
    assert 'url_rule="/healthz"' in shown


def test_applications_do_not_share_their_request_metrics() -> None:
    make().test_client().get("/healthz")
    assert 'url_rule="/healthz"' not in make().test_client().get("/metrics").text


def _path(app: Flask, endpoint: str) -> str:
    return next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
