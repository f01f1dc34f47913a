import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.models.base import new_id
from app.services import cases, suites
from app.settings import Settings
from tests.factories import rows
from tests.web_fixtures import Api


@pytest.fixture
def case_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        return cases.list(session, suite.id).items[0].id


def test_a_case_shows_its_script(api: Api, case_id: str) -> None:
    case = api.get(f"/cases/{case_id}").json
    assert case is not None
    assert (case["operation"], case["script"]) == ("GET /pets-1", rows.SCRIPT)


def test_a_case_is_edited(api: Api, case_id: str) -> None:
    answer = api.request("PUT", f"/cases/{case_id}", json={"script": "import os\n"})
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["script"], answer.json["generated_script"]) == ("import os\n", rows.SCRIPT)
    assert api.get(f"/cases/{case_id}").json == answer.json


def test_a_script_that_is_no_python_names_its_line(api: Api, case_id: str) -> None:
    answer = api.request("PUT", f"/cases/{case_id}", json={"script": "x = 1\ny = ("})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["where"] == "line 2"


def test_a_case_is_run(api: Api, case_id: str) -> None:
    answer = api.post(f"/cases/{case_id}/runs")
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["cases_total"] == 1


def test_the_strength_of_a_case_is_told(
    api: Api, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        run = rows.measured(session, suite, settings, rows.STRENGTH)
        [case_id] = rows.case_ids(session, run.id)
    found = api.get(f"/cases/{case_id}/strength").json
    assert found is not None
    assert (found["run_id"], found["is_outdated"]) == (run.id, False)
    assert found["summary"]["kill_rate"] == 0.75
    strong, vacuous = found["summary"]["checks"]
    assert (strong["is_vacuous"], strong["survivors"]) == (False, [])
    [survivor] = vacuous["survivors"]
    assert survivor["change"]["told"] == "name is not there"
    assert survivor["duty"]["source"] == "#/paths/~1pets-1/get"


def test_a_case_that_was_never_measured_has_no_strength(api: Api, case_id: str) -> None:
    answer = api.get(f"/cases/{case_id}/strength")
    assert answer.status_code == 404
    assert answer.json is not None
    assert "never measured" in answer.json["detail"]
    assert api.post(f"/cases/{case_id}/runs?changes=12").status_code == 202
    assert api.post(f"/cases/{case_id}/runs?changes=51").status_code == 422


def test_what_is_not_there_is_not_found(api: Api) -> None:
    path = f"/cases/{new_id()}"
    assert api.get(path).status_code == 404
    assert api.request("PUT", path, json={"script": ""}).status_code == 404
    assert api.post(f"{path}/runs").status_code == 404


@pytest.fixture
def conflicting(sessions: sessionmaker[Session], case_id: str) -> str:
    """A case whose only check was edited and generated in another way."""
    with sessions.begin() as session:
        case = cases.save(session, case_id, rows.SCRIPT.replace("api\n", "2\n"))
        case.offered_script = rows.SCRIPT.replace("api\n", "1\n")
    return case_id


def test_revisions_are_listed_shown_and_restored(api: Api, case_id: str) -> None:
    for number in (1, 2):
        body = {"script": f"x = {number}\n", "reason": f"Because of {number}."}
        api.request("PUT", f"/cases/{case_id}", json=body)
    listed = api.get(f"/cases/{case_id}/revisions").json
    assert listed is not None
    assert [one["reason"] for one in listed["items"]] == ["Because of 2.", "Because of 1."]
    one = api.get(f"/cases/{case_id}/revisions/2").json
    assert one is not None
    assert (one["script"], one["origin"]) == ("x = 2\n", "edited")
    assert "-x = 1\n+x = 2" in one["diff"]
    answer = api.post(f"/cases/{case_id}/revisions/1/restore")
    assert answer.json is not None
    assert (answer.status_code, answer.json["script"]) == (200, "x = 1\n")
    assert api.get(f"/cases/{case_id}/revisions/9").status_code == 404


def test_conflicts_are_shown_and_settled(api: Api, conflicting: str) -> None:
    merge = api.get(f"/cases/{conflicting}/merge").json
    assert merge is not None
    [conflict] = merge["conflicts"]
    assert (conflict["key"], conflict["kind"]) == ("test_it_answers", "check")
    assert conflict["edited"].endswith("assert 2")
    assert conflict["generated"].endswith("assert 1")
    body = {"choices": {"test_it_answers": "generated"}}
    answer = api.request("POST", f"/cases/{conflicting}/merge", json=body)
    assert answer.json is not None
    assert answer.json["script"].endswith("assert 1\n")
    assert answer.json["offered_script"] is None
    assert api.get(f"/cases/{conflicting}/merge").status_code == 404
    assert api.request("POST", f"/cases/{conflicting}/merge", json=body).status_code == 409


def test_what_is_offered_is_shown_and_declined(
    api: Api, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        cases.get(session, case_id).offered_script = rows.SCRIPT + "\n\nX = 1\n"
    merge = api.get(f"/cases/{case_id}/merge").json
    assert merge is not None
    assert merge["offers"] == [
        {"key": "X", "kind": "value", "fate": "added", "before": None, "after": "X = 1"}
    ]
    answer = api.post(f"/cases/{case_id}/merge", {"choices": {"X": "edited"}})
    assert answer.json is not None
    assert (answer.json["script"], answer.json["offered_script"]) == (rows.SCRIPT, None)


def test_archived_cases_are_listed_apart(
    api: Api, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        case = cases.get(session, case_id)
        case.archived_at, suite_id = rows.now(), case.suite_id
    assert api.get(f"/suites/{suite_id}/cases").json == {"items": [], "next_cursor": None}
    listed = api.get(f"/suites/{suite_id}/cases", archived="true").json
    assert listed is not None
    assert [one["id"] for one in listed["items"]] == [case_id]


def test_what_the_description_changed_is_answered(
    api: Api, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        suite_id = cases.get(session, case_id).suite_id
        rows.case(session, suites.get(session, suite_id), "GET /gone")
    nothing = {"added": [], "changed": [], "further": 0}
    assert api.get(f"/suites/{suite_id}/changes").json == {**nothing, "removed": ["GET /gone"]}
