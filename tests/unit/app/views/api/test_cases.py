import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.models.base import new_id
from app.services import cases
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


def test_what_is_not_there_is_not_found(api: Api) -> None:
    path = f"/cases/{new_id()}"
    assert api.get(path).status_code == 404
    assert api.request("PUT", path, json={"script": ""}).status_code == 404
    assert api.post(f"{path}/runs").status_code == 404
