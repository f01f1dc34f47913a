import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CheckFinished, Deletion, Exchange, Message, Rerun
from app.models.base import new_id
from app.services import results
from app.settings import Settings
from tests.factories import rows
from tests.web_fixtures import Api


@pytest.fixture
def run_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    """A run of two cases; the first has a failed and a passed check."""
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=2)
        case_id, _ = rows.case_ids(session, run.id)
        exchange = Exchange(
            "GET", "http://api.test/", Message((("A", "b"),), ""), 500, Message((), "no"), 0.1
        )
        failed = CheckFinished(
            case_id,
            "test_a",
            Outcome.FAILED,
            "Expected 200.",
            exchanges=(exchange,),
            reruns=(Rerun(Outcome.PASSED, exchanges=(exchange,)),),
        )
        reports = [rows.reported(run.id, failed)]
        results.apply(session, reports + rows.finished_case(run.id, case_id, Outcome.PASSED))
        return run.id


def test_a_run_shows_its_progress(api: Api, run_id: str) -> None:
    run = api.get(f"/runs/{run_id}").json
    assert run is not None
    assert (run["status"], run["cases_finished"], run["cases_total"]) == ("running", 1, 2)
    assert run["totals"] == {"passed": 1, "failed": 1, "errored": 0, "skipped": 0}
    assert run["finished_at"] is None


def test_the_cases_of_a_run_say_what_they_left_behind(
    api: Api, sessions: sessionmaker[Session], run_id: str
) -> None:
    with sessions.begin() as session:
        _, case_id = rows.case_ids(session, run_id)
        left = Deletion("http://api.test/books/7", 403, "DELETE was answered 403.")
        end = CaseFinished(case_id, Outcome.PASSED, deletions=(left,))
        results.apply(session, [rows.reported(run_id, end)])
    page = api.get(f"/runs/{run_id}/cases", limit=1).json
    assert page is not None
    assert [each["deletions"] for each in page["items"]] == [[]]
    page = api.get(f"/runs/{run_id}/cases", cursor=page["next_cursor"]).json
    assert page is not None
    [case] = page["items"]
    assert (case["case_id"], case["status"], case["outcome"]) == (case_id, "finished", "passed")
    assert case["deletions"] == [
        {
            "url": "http://api.test/books/7",
            "status": 403,
            "remark": "DELETE was answered 403.",
        }
    ]


def test_runs_come_in_pages_of_all_suites_or_of_one(api: Api, run_id: str) -> None:
    page = api.get("/runs").json
    assert page is not None
    [run] = page["items"]
    assert run["id"] == run_id
    assert api.get("/runs", suite_id=run["suite_id"]).json == page
    assert api.get("/runs", suite_id=new_id()).status_code == 404


def test_the_results_of_a_run_show_their_evidence(api: Api, run_id: str) -> None:
    page = api.get(f"/runs/{run_id}/results").json
    assert page is not None
    failed, passed = page["items"]
    assert (failed["outcome"], failed["message"]) == ("failed", "Expected 200.")
    [exchange] = failed["exchanges"]
    assert (exchange["status"], exchange["request"]["headers"]) == (500, [["A", "b"]])
    assert (passed["outcome"], passed["check"]) == ("passed", "test_0")
    assert (failed["is_flaky"], passed["is_flaky"], passed["reruns"]) == (True, False, [])
    [rerun] = failed["reruns"]
    assert (rerun["outcome"], rerun["exchanges"][0]["status"]) == ("passed", 500)


def test_results_are_narrowed_and_searched(api: Api, run_id: str) -> None:
    def found(**query: object) -> list[str]:
        page = api.get(f"/runs/{run_id}/results", **query).json
        assert page is not None
        return [item["check"] for item in page["items"]]

    assert found(outcome="passed") == ["test_0"]
    assert found(q="expected 200") == ["test_a"]
    assert found(q="\x00") == []
    assert api.get(f"/runs/{run_id}/results", outcome="green").status_code == 422
    assert api.get(f"/runs/{run_id}/results", cursor="x").status_code == 400


def test_a_run_is_cancelled_once(api: Api, run_id: str) -> None:
    answer = api.post(f"/runs/{run_id}/cancel")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "cancelled"
    assert api.post(f"/runs/{run_id}/cancel").status_code == 409


@pytest.mark.parametrize("identifier", ["nope", rows.NOWHERE])
def test_what_is_not_there_is_not_found(api: Api, identifier: str) -> None:
    assert api.get(f"/runs/{identifier}").status_code == 404
    assert api.get(f"/runs/{identifier}/results").status_code == 404
    assert api.post(f"/runs/{identifier}/cancel").status_code == 404
