"""Who may use REST v1, and what a request must look like."""

import pytest
from flask.testing import FlaskClient

from tests.web_fixtures import EMAIL, PASSWORD, Api


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer testops_nope", "bearer \xff", "Token x"],
)
def test_without_a_token_nothing_is_told(api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = api.client.get("/api/v1/runs", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="testops"'


def test_the_scheme_may_be_written_in_any_case(api: Api) -> None:
    answer = api.client.get("/api/v1/runs", headers={"Authorization": f"bEARER  {api.token} "})
    assert answer.status_code == 200


def test_a_session_of_a_page_is_no_token(api: Api) -> None:
    """A browser sends its cookie by itself; then any page could ask in its user's name."""
    client: FlaskClient = api.client
    client.application.config["WTF_CSRF_ENABLED"] = False
    rules = client.application.url_map.iter_rules()
    path = next(rule.rule for rule in rules if rule.endpoint == "sign_in.page")
    assert client.post(path, data={"email": EMAIL, "password": PASSWORD}).status_code == 302
    assert client.get("/api/v1/runs").status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"null", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"[]", "application/json", 422),
        (b"5", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b"", "application/json", 422),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    api: Api, body: bytes, kind: str, status: int
) -> None:
    answer = api.request("POST", "/suites", data=body, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_nobody_is_told_of_paths_before_the_token(api: Api) -> None:
    assert api.client.post("/api/v1/suites", data=b"{").status_code == 401
