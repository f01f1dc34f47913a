from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.factory import create_app
from app.services import results, runs
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows
from tests.reader_fixtures import Reader, words
from tests.web_fixtures import EMAIL, PASSWORD


def test_a_newcomer_is_asked_for_an_api_description(reader: Reader) -> None:
    page = reader.get("/")
    assert "Add an API description" in words(page)
    assert 'name="url"' in page.text


def test_a_newcomer_is_offered_the_demo(database_url: str, user_id: str) -> None:
    demo = "http://127.0.0.1:8001/openapi.json"
    app: Flask = create_app(settings_for(database_url, demo_url=demo))
    newcomer = Reader(app.test_client())
    newcomer.get("/sign-in")
    newcomer.post("/sign-in", email=EMAIL, password=PASSWORD)
    assert f'value="{demo}"' in newcomer.get("/").text


def test_with_a_description_the_next_step_is_a_suite(
    reader: Reader, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        described = rows.description(session)
    page = reader.get("/")
    assert "Create one of Pets" in words(page)
    assert f"/api-descriptions/{described.id}#create" in page.text


def test_the_dashboard_tells_suites_with_pass_rate_and_recent_runs(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=1)
        case_id = rows.case_ids(session, run.id)[0]
        outcomes = (Outcome.PASSED, Outcome.PASSED, Outcome.FAILED)
        results.apply(session, rows.finished_case(run.id, case_id, *outcomes))
        waiting = runs.start(session, run.suite_id, settings=settings)
    told = words(reader.get("/"))
    assert "1 failed 2 passed" in told
    assert "66 %" in told
    assert "queued 0 of 1 cases" in told
    assert f"/runs/{waiting.id}" in reader.get("/").text
