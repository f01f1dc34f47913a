import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session, sessionmaker

from app import commands
from app.services import tokens, users

PASSWORD = "a password for tests"

Invocation = tuple[click.Command, list[str]]
MIGRATE: Invocation = (commands.migrate, [])
TOKEN: Invocation = (commands.token, ["create", "--email", "ada@example.com"])


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("TESTOPS_SECRET_KEY", "k" * 32)
    monkeypatch.setenv("TESTOPS_DATABASE_URL", database_url)
    monkeypatch.delenv("TESTOPS_ADMIN_EMAIL", raising=False)
    return CliRunner()


def create_user(run: CliRunner, *more: str) -> Result:
    arguments = ["create", "--email", "ada@example.com", "--password", PASSWORD, *more]
    return run.invoke(commands.user, arguments)


def test_a_user_is_created(run: CliRunner, sessions: sessionmaker[Session]) -> None:
    answer = create_user(run, "--admin", "--name", "Ada")
    assert (answer.exit_code, answer.output) == (0, "Created the user ada@example.com.\n")
    with sessions() as session:
        user = users.authenticate(session, "ada@example.com", PASSWORD)
        assert (user.name, user.is_admin) == ("Ada", True)


def test_a_mistake_is_one_line(run: CliRunner) -> None:
    create_user(run)
    answer = create_user(run)
    assert answer.exit_code == 1
    assert answer.output == "Error: There is a user with this address. (at email)\n"


def test_a_token_is_printed_once(run: CliRunner, sessions: sessionmaker[Session]) -> None:
    create_user(run)
    answer = run.invoke(commands.token, ["create", "--email", "ada@example.com"])
    assert answer.exit_code == 0
    with sessions() as session:
        assert tokens.find(session, answer.output.strip()).email == "ada@example.com"


def test_a_token_needs_a_user(run: CliRunner) -> None:
    answer = run.invoke(commands.token, ["create", "--email", "nobody@example.com"])
    assert (answer.exit_code, "no user" in answer.output) == (1, True)


def test_migrating_creates_the_first_administrator(
    run: CliRunner, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTOPS_ADMIN_EMAIL", "ada@example.com")
    monkeypatch.setenv("TESTOPS_ADMIN_PASSWORD", PASSWORD)
    first, second = (run.invoke(commands.migrate) for _ in range(2))
    assert first.output.splitlines() == [
        "The tables have the newest version.",
        "Created the first administrator, ada@example.com.",
    ]
    assert second.output.splitlines() == ["The tables have the newest version."]
    with sessions() as session:
        assert users.authenticate(session, "ada@example.com", PASSWORD).is_admin


def test_migrating_alone_creates_nobody(run: CliRunner, sessions: sessionmaker[Session]) -> None:
    assert run.invoke(commands.migrate).exit_code == 0
    with sessions() as session:
        assert users.count(session) == 0


@pytest.mark.parametrize("command", [MIGRATE, TOKEN])
def test_settings_that_are_missing_are_one_line(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, command: Invocation
) -> None:
    monkeypatch.delenv("TESTOPS_DATABASE_URL")
    answer = run.invoke(*command)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: Settings cannot be used: TESTOPS_DATABASE_URL")


@pytest.mark.parametrize("command", [MIGRATE, TOKEN])
def test_a_database_that_is_away_is_one_line(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, command: Invocation
) -> None:
    monkeypatch.setenv("TESTOPS_DATABASE_URL", "postgresql://127.0.0.1:1/none")
    answer = run.invoke(*command)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The database does not answer: ")
