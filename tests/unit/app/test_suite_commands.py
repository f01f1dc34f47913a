import json

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session, sessionmaker

from app import suite_commands
from app.models import Generation
from app.services import cases, descriptions, generations, suites, versions
from app.settings import Settings
from tests.factories import rows


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("TESTOPS_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("TESTOPS_DATABASE_URL", database_url)
    return CliRunner()


def document(**paths: int) -> bytes:
    """GET of each path, with a limit of at most so many."""
    schemas = {path: {"type": "integer", "maximum": most} for path, most in paths.items()}
    asked = {
        f"/{path}": {
            "get": {
                "parameters": [{"name": "limit", "in": "query", "schema": schema}],
                "responses": {"200": {"description": "ok"}},
            }
        }
        for path, schema in schemas.items()
    }
    info = {"title": "Pets", "version": "1"}
    return json.dumps({"openapi": "3.1.0", "info": info, "paths": asked}).encode()


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    """A suite whose description changed since its cases were written."""
    with sessions.begin() as session:
        description = descriptions.add(session, descriptions.read_bytes(document(a=9, b=9)))
        made = suites.create(
            session, description.id, name="Pets", base_url=rows.BASE_URL, settings=settings
        )
        generations.advance(session, generations.request(session, made.id).id)
    with sessions.begin() as session:
        newer = descriptions.read_bytes(document(a=8, c=9))
        versions.take(session, made.api_description_id, newer)
    return made.id


def test_what_a_description_changed_is_told(run: CliRunner, suite_id: str) -> None:
    told = run.invoke(suite_commands.suite, ["changes", suite_id]).output.splitlines()
    assert told[:3] == ["added  GET /c", "removed  GET /b", "changed  GET /a"]
    assert "    updated  test_query_limit_above_maximum" in told
    assert told[-1] == "1 added, 1 removed, 1 changed."


def newest(sessions: sessionmaker[Session], suite_id: str) -> Generation:
    with sessions() as session:
        return generations.list(session, suite_id).items[0]


def test_all_cases_are_asked_for_with_an_instruction(
    run: CliRunner, sessions: sessionmaker[Session], suite_id: str
) -> None:
    asked = ["generate", suite_id, "--instruction", "Be brief.", "--review"]
    answer = run.invoke(suite_commands.suite, asked)
    found = newest(sessions, suite_id)
    assert answer.output == f"{found.id}  2 cases are being written.\n"
    assert (found.scope, found.prompt, found.is_reviewed) == ("all", "Be brief.", True)


def test_missing_cases_or_one_are_asked_for(
    run: CliRunner, sessions: sessionmaker[Session], suite_id: str
) -> None:
    run.invoke(suite_commands.suite, ["generate", suite_id, "--missing"])
    assert newest(sessions, suite_id).operations == ["GET /c"]
    with sessions() as session:
        one, gone = (case.id for case in cases.list(session, suite_id).items)
    run.invoke(suite_commands.suite, ["generate", suite_id, "--case", one])
    assert newest(sessions, suite_id).operations == ["GET /a"]
    refused = run.invoke(suite_commands.suite, ["generate", suite_id, "--case", gone])
    assert (refused.exit_code, "No operation is chosen." in refused.output) == (1, True)
    both = run.invoke(suite_commands.suite, ["generate", suite_id, "--missing", "--case", one])
    assert (both.exit_code, "Either --missing or --case." in both.output) == (2, True)
