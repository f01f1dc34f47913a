"""REST: figures, verdicts, quarantine and coverage."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.models import CheckStatistic, Result
from app.services.analytics import counting
from app.settings import Settings
from tests.factories import histories, rows
from tests.web_fixtures import Api


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    """A suite whose check was green and red in turns, the last time red."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        asked = [histories.exchange("/pets-1?limit=3", 500)]
        for minute, sign in enumerate("grgr"):
            run = histories.finished(
                session, suite, settings, minute, {"test_a": sign}, exchanges=asked
            )
        counting.count(session, run.id, settings=settings)
        confined = session.scalars(select(CheckStatistic)).one()
        confined.quarantined_until = rows.now().replace(year=rows.now().year + 1)
        return suite.id


def test_figures_are_listed(api: Api, suite_id: str) -> None:
    base = f"/suites/{suite_id}"
    whole = api.get(f"{base}/statistics").json
    assert whole is not None
    assert (whole["checks"], whole["red"], whole["quarantined"]) == (1, 0, 1)
    assert whole["whole_runs"]["pass_rate"] == 0.5
    [operation] = api.get(f"{base}/statistics/operations").json["items"]  # type: ignore[index]
    assert (operation["operation"], operation["flip_rate"]) == ("GET /pets-1", 1.0)
    for chosen in ("all", "red", "quarantined"):
        [check] = api.get(f"{base}/statistics/checks", chosen=chosen).json["items"]  # type: ignore[index]
        assert check["check"] == "test_a"
    assert api.get(f"/checks/{check['id']}").json == check
    [group] = api.get(f"{base}/failure-groups").json["items"]  # type: ignore[index]
    assert (group["results"], group["runs"]) == (2, 2)
    assert api.get(f"{base}/anomalies").json == {"items": [], "next_cursor": None}
    assert api.get(f"{base}/statistics/checks", chosen="x").status_code == 422


def test_a_suite_that_never_ran_has_none(
    api: Api, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
    found = api.get(f"/suites/{suite.id}/statistics").json
    assert found == {"checks": 0, "red": 0, "quarantined": 0, "whole_runs": None}


def test_coverage_is_told(api: Api, suite_id: str) -> None:
    found = api.get(f"/suites/{suite_id}/coverage").json
    assert found is not None
    assert found["operations"] == {"seen": 1, "documented": 1, "rate": 1.0}
    [operation] = api.get(f"/suites/{suite_id}/coverage/operations").json["items"]  # type: ignore[index]
    assert operation["undocumented"] == {"500": 4}
    assert {"parameter": "query limit", "status": "", "requests": 4} in operation["cells"]


def test_a_quarantine_is_lifted_once(api: Api, suite_id: str) -> None:
    [check] = api.get(f"/suites/{suite_id}/statistics/checks").json["items"]  # type: ignore[index]
    lifted = api.request("DELETE", f"/checks/{check['id']}/quarantine")
    assert lifted.json["quarantined_until"] < check["quarantined_until"]  # type: ignore[index]
    assert api.request("DELETE", f"/checks/{check['id']}/quarantine").status_code == 409
    assert api.get(f"/suites/{suite_id}/statistics").json["red"] == 1  # type: ignore[index]
    assert api.request("DELETE", f"/checks/{rows.NOWHERE}/quarantine").status_code == 404


def test_a_verdict_is_corrected_and_holds_again(
    api: Api, suite_id: str, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        red = select(Result).where(Result.outcome == "failed").order_by(Result.created_at)
        result = session.scalars(red).first()
    assert result is not None
    path = f"/runs/{result.run_id}/results/{result.id}/verdict"
    [found] = api.get(f"/runs/{result.run_id}/verdicts").json["items"]  # type: ignore[index]
    assert (found["cause"], found["correction"]) == ("api", None)
    said = api.put(path, {"cause": "test", "note": "mine"}).json
    assert said is not None
    assert (said["cause"], said["found"]) == ("test", "api")
    assert said["correction"]["note"] == "mine"
    assert api.put(path, {"cause": "weather"}).status_code == 422
    back = api.request("DELETE", path).json
    assert back is not None
    assert back["cause"] == "api"
