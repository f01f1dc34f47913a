import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app import commands
from app.models import CheckStatistic, Suite
from app.services import cases, dead_letters, tokens, users
from app.services.dead_letters import Letter
from app.settings import Settings
from tests.factories import histories, rows

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


def buried(sessions: sessionmaker[Session], *letters: Letter) -> list[str]:
    with sessions.begin() as session:
        dead_letters.take_in(session, letters)
        return [letter.id for letter in reversed(dead_letters.list(session).items)]


def test_dead_letters_are_listed_and_shown(run: CliRunner, sessions: sessionmaker[Session]) -> None:
    [one] = buried(sessions, rows.letter(offset=7, reason="Why\nso.", key=None, body=b"\xff"))
    answer = run.invoke(commands.dlq, ["list"])
    assert answer.output == f"{one}  test_results/0/7  1x  Why\n1 dead letters.\n"
    answer = run.invoke(commands.dlq, ["show", one])
    assert "reason: Why\nso.\nheader ce_type: x\nkey: \nbody: \\xff\n" in answer.output


def test_a_long_list_of_dead_letters_says_that_there_are_more(
    run: CliRunner, sessions: sessionmaker[Session]
) -> None:
    buried(sessions, *(rows.letter(reason="") for _ in range(201)))
    answer = run.invoke(commands.dlq, ["list"])
    assert answer.output.endswith("1x  -\nThere are more.\n")


def test_dead_letters_are_replayed_and_dropped(
    run: CliRunner, sessions: sessionmaker[Session]
) -> None:
    one = buried(sessions, rows.letter())[0]
    buried(sessions, rows.letter(topic="run_events"), rows.letter(topic="run_events"))
    assert run.invoke(commands.dlq, ["replay", one]).output == "Replayed 1.\n"
    assert run.invoke(commands.dlq, ["drop", "--topic", "run_events"]).output == "Dropped 2.\n"
    assert run.invoke(commands.dlq, ["list"]).output == "0 dead letters.\n"
    answer = run.invoke(commands.dlq, ["drop", one])
    assert (answer.exit_code, "replayed already" in answer.output) == (1, True)


def test_dead_letters_have_to_be_named(run: CliRunner) -> None:
    answer = run.invoke(commands.dlq, ["replay"])
    assert (answer.exit_code, "Name letters" in answer.output) == (2, True)


@pytest.fixture
def red_suite(sessions: sessionmaker[Session], settings: Settings) -> Suite:
    """A suite whose one check is red and in quarantine; nobody has counted its runs yet."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        histories.history(session, suite, settings, "grgr")
        return suite


def test_analytics_are_made_anew_and_looked_at(
    run: CliRunner, sessions: sessionmaker[Session], red_suite: Suite
) -> None:
    for arguments in (["rebuild"], ["rebuild", "--suite", red_suite.id]):
        rebuilt = run.invoke(commands.analytics, arguments)
        assert rebuilt.output == f"{red_suite.id}  4 runs\nRebuilt 1 suites.\n"
    red = run.invoke(commands.analytics, ["red", red_suite.id])
    assert "GET /pets-1 test_a  since 2026-01-01 00:03:00" in red.output
    assert "    flake: Its outcome changed 3 times" in red.output
    assert red.output.endswith("1 red checks.\n")
    with sessions.begin() as session:
        known = session.scalars(select(CheckStatistic)).one()
        known.quarantined_until = rows.now().replace(year=rows.now().year + 1)
        known.last_result_id = None
    lifted = run.invoke(commands.analytics, ["lift", known.id or ""])
    assert lifted.output == "GET /pets-1 test_a is in quarantine no more.\n"
    again = run.invoke(commands.analytics, ["lift", known.id or ""])
    assert (again.exit_code, "not in quarantine" in again.output) == (1, True)
    assert "flake" not in run.invoke(commands.analytics, ["red", red_suite.id]).output


def test_a_suite_that_is_not_there_has_no_analytics(run: CliRunner) -> None:
    for arguments in (["rebuild", "--suite", "x"], ["red", "x"]):
        answer = run.invoke(commands.analytics, arguments)
        assert (answer.exit_code, "no such suite" in answer.output) == (1, True)


@pytest.fixture
def conflicting(sessions: sessionmaker[Session], settings: Settings) -> str:
    """A case whose only check was edited and generated in another way."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=0)
        case = rows.case(
            session, suite, "GET /x", offered_script=rows.SCRIPT.replace("api\n", "1\n")
        )
        return cases.save(session, case.id, rows.SCRIPT.replace("api\n", "2\n")).id


def test_revisions_are_listed_compared_and_restored(run: CliRunner, conflicting: str) -> None:
    run.invoke(commands.case, ["settle", conflicting, "--generated", "test_it_answers"])
    listed = run.invoke(commands.case, ["revisions", conflicting]).output.splitlines()
    assert [line[0] for line in listed] == ["2", "1", "2"]
    assert "settled  Chosen: 1 settled. test_it_answers: generated. Written by" in listed[0]
    assert "+    assert 1" in run.invoke(commands.case, ["diff", conflicting, "2"]).output
    answer = run.invoke(commands.case, ["restore", conflicting, "1"])
    assert answer.output == "Revision 1 stands again.\n"
    assert "3  " in run.invoke(commands.case, ["revisions", conflicting]).output


def test_conflicts_are_shown_and_settled(run: CliRunner, conflicting: str) -> None:
    answer = run.invoke(commands.case, ["conflicts", conflicting])
    assert answer.output.splitlines()[0] == "test_it_answers (check) conflict"
    assert "-    assert 2\n+    assert 1\nConflicts: 1. Other changes: 0.\n" in answer.output
    key = "test_it_answers"
    both = run.invoke(commands.case, ["settle", conflicting, "--edited", key, "--generated", key])
    assert (both.exit_code, "One side for each" in both.output) == (2, True)
    assert run.invoke(commands.case, ["settle", conflicting]).output == "Conflicts are left.\n"
    done = run.invoke(commands.case, ["settle", conflicting, "--edited", key])
    assert done.output == "Taken over.\n"
    nothing = "Conflicts: 0. Other changes: 0.\n"
    assert run.invoke(commands.case, ["conflicts", conflicting]).output == nothing


def test_what_else_was_generated_is_shown_and_declined(
    run: CliRunner, sessions: sessionmaker[Session], conflicting: str
) -> None:
    with sessions.begin() as session:
        case = cases.get(session, conflicting)
        case.script, case.offered_script = rows.SCRIPT, rows.SCRIPT + "\n\nX = 1\n"
    told = run.invoke(commands.case, ["conflicts", conflicting]).output
    assert "X (value) added\n" in told
    assert "+X = 1\nConflicts: 0. Other changes: 1.\n" in told
    done = run.invoke(commands.case, ["settle", conflicting, "--edited", "X"])
    assert done.output == "Taken over.\n"
    with sessions() as session:
        assert cases.get(session, conflicting).script == rows.SCRIPT
