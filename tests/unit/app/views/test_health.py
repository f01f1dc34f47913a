from flask import Flask
from sqlalchemy import Engine, text

from app.factory import create_app
from tests.database_fixtures import settings_for


def test_a_process_that_answers_is_alive(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_a_migrated_database_makes_it_ready(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_tables_of_an_older_version_are_said(app: Flask, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, "testops migrate" in answer.text) == (503, True)


def test_tables_of_a_later_release_do(app: Flask, engine: Engine) -> None:
    """While the next release is rolled out this one goes on answering."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert app.test_client().get("/readyz").status_code == 200


def test_without_a_database_it_is_alive_and_not_ready() -> None:
    client = create_app(settings_for("postgresql://127.0.0.1:1/none")).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "the database does not answer"})
