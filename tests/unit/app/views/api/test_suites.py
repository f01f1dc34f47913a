import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.models.base import new_id
from app.services import descriptions, outbox, suites
from app.settings import Settings
from tests.factories import rows
from tests.web_fixtures import Api


@pytest.fixture
def description_id(sessions: sessionmaker[Session]) -> str:
    with sessions.begin() as session:
        return rows.description(session, 3).id


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    """A suite with a case for each of its two operations."""
    with sessions.begin() as session:
        return rows.suite(session, settings, cases=2).id


def asked(description_id: str, **changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "api_description_id": description_id,
        "name": "Pets",
        "base_url": "http://api.test/",
    }
    return body | changes


def test_a_suite_is_created(
    api: Api, description_id: str, sessions: sessionmaker[Session], settings: Settings
) -> None:
    answer = api.post(
        "/suites",
        asked(
            description_id,
            headers={"X-Key": "s3cret"},
            secrets={"PASSWORD": "s3cret"},
            identities={"alice": {"X-User": "s3cret"}},
        ),
    )
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.location == f"/api/v1/suites/{answer.json['id']}"
    assert "s3cret" not in answer.text
    assert api.get(f"/suites/{answer.json['id']}").json == answer.json
    with sessions() as session:
        environment = suites.environment(session, answer.json["id"])
        target = suites.target(environment, settings)
    assert (target.base_url, target.headers) == ("http://api.test", {"X-Key": "s3cret"})
    assert target.secrets == {"PASSWORD": "s3cret"}
    assert target.identities == {"alice": {"X-User": "s3cret"}}


def test_an_environment_is_replaced_and_what_is_sealed_not_shown(api: Api, suite_id: str) -> None:
    path = f"/suites/{suite_id}/environment"
    names = ("headers", "secrets", "identities")
    bare = {"base_url": rows.BASE_URL, **{f"has_{name}": False for name in names}}
    assert api.get(path).json == bare
    sealed = {"headers": {"X": "s3cret"}, "secrets": {"A": "s3cret"}}
    body = {"base_url": "http://new.test/", **sealed, "identities": {"bob": {"X": "s3cret"}}}
    set_ = {"base_url": "http://new.test", **{f"has_{name}": True for name in names}}
    assert api.put(path, body).json == set_
    assert api.put(path, {"base_url": "http://new.test"}).json == set_
    assert api.put(path, {**bare, "headers": {}, "secrets": {}}).status_code == 422
    none: dict[str, object] = {name: {} for name in names}
    assert api.put(path, {"base_url": rows.BASE_URL, **none}).json == bare
    assert api.get(path).json == bare


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"base_url": "x"}, "#/base_url"),
        ({"secrets": {"A": "s3cret\0"}}, "#/secrets"),
        ({"identities": {"alice": {"X": "s3cret\0"}}}, "#/identities"),
        ({"identities": {"alice": {"OAuth2": "client_id=s3cret"}}}, "#/identities"),
    ],
)
def test_a_refused_environment_names_the_field_and_repeats_no_secret(
    api: Api, suite_id: str, change: dict[str, object], pointer: str
) -> None:
    answer = api.put(f"/suites/{suite_id}/environment", {"base_url": rows.BASE_URL} | change)
    assert answer.status_code == 422
    assert pointer in answer.text
    assert "s3cret" not in answer.text


def test_the_environment_of_no_suite_is_not_found(api: Api) -> None:
    path = f"/suites/{new_id()}/environment"
    assert api.get(path).status_code == 404
    assert api.put(path, {"base_url": rows.BASE_URL}).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": " "}, "#/name"),
        ({"name": "x" * 201}, "#/name"),
        ({"base_url": "api.test"}, "#/base_url"),
        ({"headers": {"X": "a\r\nb"}}, "#/headers"),
        ({"headers": {"X": 1}}, "#/headers/X"),
        ({"more": 1}, "#/more"),
    ],
)
def test_a_suite_that_breaks_a_rule_names_the_field(
    api: Api, description_id: str, change: dict[str, object], pointer: str
) -> None:
    answer = api.post("/suites", asked(description_id, **change))
    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_a_suite_needs_a_description_that_is_there(api: Api) -> None:
    assert api.post("/suites", asked(new_id())).status_code == 404
    assert api.post("/suites", asked("nope")).status_code == 404


def test_suites_come_in_pages(api: Api, suite_id: str) -> None:
    page = api.get("/suites").json
    assert page is not None
    assert [item["id"] for item in page["items"]] == [suite_id]


def test_cases_are_asked_for_and_followed(
    api: Api, suite_id: str, sessions: sessionmaker[Session], user_id: str
) -> None:
    answer = api.post(f"/suites/{suite_id}/generations", {})
    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["status"], answer.json["total"]) == ("queued", 2)
    assert answer.location == f"/api/v1/generations/{answer.json['id']}"
    followed = api.get(f"/generations/{answer.json['id']}").json
    assert followed is not None
    # Who follows one generation also sees what models have added.
    assert followed.pop("assistance")["kept"] == 0
    assert followed == answer.json
    page = api.get(f"/suites/{suite_id}/generations").json
    assert page is not None
    assert page["items"] == [answer.json]
    with sessions() as session:
        assert sum(outbox.waiting_by_lane(session).values()) == 1


def test_only_missing_cases_are_asked_for(api: Api, suite_id: str) -> None:
    answer = api.post(f"/suites/{suite_id}/generations", {"operations": "missing"})
    assert answer.json is not None
    assert answer.json["total"] == 0


def test_operations_are_chosen_by_their_ids(
    api: Api, suite_id: str, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        suite = suites.get(session, suite_id)
        [first, _] = descriptions.all_operations(session, suite.api_description_id)
    answer = api.post(f"/suites/{suite_id}/generations", {"operations": [first.id]})
    assert answer.json is not None
    assert answer.json["total"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"operations": "some"},
        {"operations": []},
        {"operations": ["x"]},
        {"provider": "x"},
        {"a": 1},
    ],
)
def test_a_generation_that_makes_no_sense_is_refused(
    api: Api, suite_id: str, body: dict[str, object]
) -> None:
    assert api.post(f"/suites/{suite_id}/generations", body).status_code == 422


def test_the_cases_of_a_suite_come_in_pages(api: Api, suite_id: str) -> None:
    first = api.get(f"/suites/{suite_id}/cases", limit=1).json
    assert first is not None
    assert [item["operation"] for item in first["items"]] == ["GET /pets-1"]
    assert "script" not in first["items"][0]
    second = api.get(f"/suites/{suite_id}/cases", limit=1, cursor=first["next_cursor"]).json
    assert second is not None
    assert [item["operation"] for item in second["items"]] == ["GET /pets-2"]


def test_a_suite_is_run(api: Api, suite_id: str) -> None:
    answer = api.post(f"/suites/{suite_id}/runs")
    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["status"], answer.json["cases_total"]) == ("queued", 2)
    assert answer.json["totals"] == {"passed": 0, "failed": 0, "errored": 0, "skipped": 0}
    assert answer.location == f"/api/v1/runs/{answer.json['id']}"


def test_a_run_says_how_often_red_checks_are_run_again(api: Api, suite_id: str) -> None:
    answer = api.post(f"/suites/{suite_id}/runs?retries=2&cleans_up=false&changes=3")
    assert answer.json is not None
    assert (answer.json["retries"], answer.json["cleans_up"]) == (2, False)
    assert answer.json["changes"] == 3
    assert api.post(f"/suites/{suite_id}/runs?retries=6").status_code == 422
    assert api.post(f"/suites/{suite_id}/runs?retry=1").status_code == 422


def test_a_suite_without_cases_cannot_be_run(api: Api, description_id: str) -> None:
    suite = api.post("/suites", asked(description_id)).json
    assert suite is not None
    assert api.post(f"/suites/{suite['id']}/runs").status_code == 409


@pytest.mark.parametrize("path", ["", "/cases", "/generations"])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert api.get(f"/suites/{new_id()}{path}").status_code == 404
    assert api.post(f"/suites/{new_id()}/runs").status_code == 404
    assert api.post(f"/suites/{new_id()}/generations", {}).status_code == 404
    assert api.get(f"/generations/{new_id()}").status_code == 404
