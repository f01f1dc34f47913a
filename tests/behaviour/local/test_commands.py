"""The commands as a user calls them, against the demo API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from click.testing import CliRunner, Result

from app.domain.plans import Target
from demo import switches
from demo.application import create_app
from local import execution, projects
from local.cli import execute, import_, scan, write
from tests.fakes.authorization_server import CLIENT, CLIENT_SECRET, AuthorizationServer
from tests.serving import serving
from worker.engine import Engine

KEY = ("--header", "X-Api-Key: librarian")
#: One operation, for which a token is needed.
DESCRIBED = {
    "openapi": "3.1.0",
    "info": {"title": "Who am I", "version": "1"},
    "paths": {
        "/me": {
            "get": {
                "security": [{"shop": []}],
                "responses": {"200": {"description": "You."}, "401": {"description": "Nobody."}},
            }
        }
    },
    "components": {
        "securitySchemes": {
            "shop": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}},
            }
        }
    },
}


def demo(faults: str) -> AbstractContextManager[str]:
    return serving(create_app(switches.chosen(faults), lambda: dt.date(2026, 3, 1)))


@pytest.fixture(scope="module")
def sound() -> Iterator[str]:
    with demo("none") as url:
        yield url


@pytest.fixture(scope="module")
def project(sound: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "project"
    result = CliRunner().invoke(write, [f"{sound}/openapi.json", "--out", str(folder)])
    assert result.exit_code == 0, result.output
    assert "Wrote 16 test modules" in result.output
    return folder


def test_an_import_is_written_as_a_description_that_tests_are_written_from(tmp_path: Path) -> None:
    line = "curl https://a.example/pets/1 -H 'X-Api-Key: s3cret'"
    made = tmp_path / "openapi.json"
    result = CliRunner().invoke(import_, [line, "--out", str(made)])
    assert result.exit_code == 0, result.output
    assert "Credentials are left out" in result.output
    assert "s3cret" not in made.read_text()
    result = CliRunner().invoke(write, [str(made), "--out", str(tmp_path / "project")])
    assert "Wrote 1 test modules" in result.output
    assert CliRunner().invoke(import_, [str(tmp_path / "gone.json")]).exit_code == 3


def test_a_weak_cage_is_told_once(
    sound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests run all the same, unless more is demanded."""
    monkeypatch.setattr(
        "local.cli.Engine", lambda cage: Engine(cage=replace(cage, layers=frozenset()))
    )
    path = module(tmp_path, "def test_a(): pass")
    result = invoke(path, "--base-url", sound)
    assert result.exit_code == 0, result.output
    assert result.output.count("Nothing on this machine sees to it") == 1
    refused = invoke(path, "--base-url", sound, "--cage", "standard")
    assert refused.exit_code == 2
    assert "Error: Test scripts are not run here" in refused.output


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(execute, [str(argument) for argument in arguments])


def module(folder: Path, body: str) -> Path:
    file = folder / "test_own.py"
    file.write_text(body)
    return file


def test_a_sound_api_is_green_and_reported(project: Path, sound: str, tmp_path: Path) -> None:
    """Every module runs; both reports hold every check."""
    reports = ("--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
    result = invoke(project, "--base-url", sound, *KEY, "--jobs", "2", *reports)
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["totals"]["passed"] == document["totals"]["checks"] > 16
    first = document["checks"][0]
    assert first["case"] == "tests/test_delete_books_bookid.py"
    assert first["operation"] == "DELETE /books/{bookId}"
    assert first["requests"] >= 1
    assert [each["case"] for each in document["checks"]] == sorted(
        each["case"] for each in document["checks"]
    )
    root = ET.parse(tmp_path / "r.xml").getroot()  # noqa: S314 - our own report
    assert len(root) == 16
    assert "[16/16]" in result.stderr


def test_a_faulty_api_is_red(tmp_path: Path) -> None:
    """A scan finds what is wrong, shows it with its exchange, and keeps the project if asked."""
    with demo("all") as url:
        arguments = [f"{url}/openapi.json", "--base-url", url, *KEY, "--keep", str(tmp_path / "k")]
        result = CliRunner().invoke(scan, arguments)
    assert result.exit_code == 1
    assert "FAILED GET /books/{bookId}  test_documented_success" in result.stdout
    assert f"  > GET {url}/books/1" in result.stdout
    assert (tmp_path / "k" / "tests" / "test_get_books.py").exists()


def test_a_scan_that_is_not_kept_leaves_nothing(
    sound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    healthy: dict[str, object] = {"get": {"responses": {"200": {"description": "fine"}}}}
    (tmp_path / "spec.json").write_text(json.dumps(description({"/health": healthy})))
    result = CliRunner().invoke(scan, [str(tmp_path / "spec.json"), "--base-url", sound])
    assert result.exit_code == 0, result.output
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_broken_case_is_an_error_of_its_own(sound: str, tmp_path: Path) -> None:
    """A report that goes to stdout has it for itself."""
    file = module(tmp_path, "import nothing_like_it\ndef test_a(): pass\n")
    result = invoke(file, "--base-url", sound, "--json", "-")
    assert result.exit_code == 1
    (check,) = json.loads(result.stdout)["checks"]
    assert (check["case"], check["check"], check["outcome"]) == ("test_own.py", "", "errored")
    assert "nothing_like_it" in check["message"]
    assert "1 errored" in result.stderr


def test_red_checks_are_run_again_and_stay_red(sound: str, tmp_path: Path) -> None:
    """The demo's library knows the book when it is asked for the second time."""
    operation = "GET /books"
    operations = {operation: {"pointer": "#", "responses": {}}}
    contract = {"contract": 1, "operations": operations, "schemas": {}}
    (tmp_path / "contract.json").write_text(json.dumps(contract))
    title = "Seen only when run again"
    module(
        tmp_path,
        f"OPERATION = {operation!r}\n"
        "def test_a(api):\n"
        f"    found = {title!r} in api.get('/books', query={{'limit': 50}}).text\n"
        "    book = {'title': %r, 'author': 'A', 'year': 1999, 'genre': 'novel',\n"
        % title
        + "            'isbn': '9781400000007', 'tags': []}\n"
        "    api.post('/books', json=book)\n"
        "    assert found\n",
    )
    result = invoke(tmp_path, "--base-url", sound, "--retries", "1", "--json", tmp_path / "r.json")
    assert result.exit_code == 1, result.output
    assert "It passed when it was run again: it is flaky." in result.output
    (check,) = json.loads((tmp_path / "r.json").read_text())["checks"]
    assert (check["outcome"], check["is_flaky"]) == ("failed", True)


def test_what_a_killed_case_has_created_is_deleted(
    project: Path, sound: str, tmp_path: Path
) -> None:
    """Unless its user wants to look at it."""
    script = (
        "import os, signal\n"
        "OPERATION = 'POST /books'\n"
        "def test_a(api):\n"
        "    book = {'title': 'T', 'author': 'A', 'year': 1999, 'genre': 'novel'}\n"
        "    assert api.post('/books', json=book).status == 201\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    (tmp_path / "contract.json").write_text((project / "contract.json").read_text())
    file, report = module(tmp_path, script), tmp_path / "r.json"
    for wish, statuses in (((), [204]), (("--no-clean-up",), [])):
        before = httpx.get(f"{sound}/books").headers["X-Total-Count"]
        result = invoke(file, "--base-url", sound, "--json", report, *wish)
        assert "was killed by SIGKILL" in result.output
        deletions = json.loads(report.read_text())["deletions"]
        assert [each["status"] for each in deletions] == statuses
        after = httpx.get(f"{sound}/books").headers["X-Total-Count"]
        assert (after == before) == bool(statuses)


def test_the_time_limit_of_a_case_is_the_users(sound: str, tmp_path: Path) -> None:
    file = module(tmp_path, "import time\ndef test_a(): time.sleep(60)\n")
    result = invoke(file, "--base-url", sound, "--timeout-seconds", "0.5")
    assert result.exit_code == 1
    assert "longer than its limit of 0.5 seconds" in result.stdout


def test_a_secret_is_sent_and_never_seen(
    sound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named on the command line, comes from the environment, and opens the demo's door."""
    monkeypatch.setenv("DEMO_KEY", "librarian")
    operation = "GET /reports/overdue"
    operations = {operation: {"pointer": "#", "responses": {}}}
    contract = {"contract": 1, "operations": operations, "schemas": {}}
    (tmp_path / "contract.json").write_text(json.dumps(contract))
    module(
        tmp_path,
        f"OPERATION = {operation!r}\n"
        "def test_a(api):\n"
        "    key = api.secret('DEMO_KEY')\n"
        "    assert 'libra' not in key\n"
        "    answer = api.get('/reports/overdue', headers={'X-Api-Key': key})\n"
        "    assert answer.status == 200, answer.text\n",
    )
    result = invoke(tmp_path, "--base-url", sound, "--secret", "DEMO_KEY")
    assert result.exit_code == 0, result.output


def test_users_ask_with_what_proves_them(sound: str, tmp_path: Path) -> None:
    """The first as `api`, the second as `other`; a name that comes again has one header more."""
    operation = "GET /reports/overdue"
    operations = {operation: {"pointer": "#", "responses": {}}}
    contract = {"contract": 1, "operations": operations, "schemas": {}}
    (tmp_path / "contract.json").write_text(json.dumps(contract))
    module(
        tmp_path,
        f"OPERATION = {operation!r}\n"
        "def test_a(api, other):\n"
        "    assert api.get('/reports/overdue').status == 200\n"
        "    assert other.get('/reports/overdue').status == 401\n"
        "    assert api.get('/reports/overdue', anonymous=True).status == 401\n",
    )
    users = ("mira=X-Plain: 1", "tom=X-Api-Key: nobody", "mira=X-Api-Key: librarian")
    options = [each for user in users for each in ("--identity", user)]
    result = invoke(tmp_path, "--base-url", sound, *options)
    assert result.exit_code == 0, result.output


def test_a_user_of_oauth_2_asks_with_a_token_from_where_the_description_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SECRET", CLIENT_SECRET)
    with AuthorizationServer() as server:
        described = tmp_path / "openapi.json"
        described.write_text(json.dumps(DESCRIBED))
        user = f"shop=OAuth2: client_id={CLIENT} client_secret=$SHOP_SECRET"
        arguments = [str(described), "--base-url", server.url, "--identity", user]
        result = CliRunner().invoke(scan, arguments)
        assert result.exit_code == 0, result.output
        assert f"where the description says: {server.url}/token" in result.stderr
        assert len(server.forms) == 1

        wrong = user.replace("$SHOP_SECRET", "s3cr3t")
        result = CliRunner().invoke(scan, [*arguments[:-1], wrong])
    assert result.exit_code == 3
    assert "Error: There is no token for shop." in result.stderr
    assert f"(at {server.url}/token) Check client_id=" in result.stderr
    assert "s3cr3t" not in result.output
    assert server.asked[-1] == "POST /token"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--base-url", "http://127.0.0.1:1"), 3, "cannot be reached"),
        (("--base-url", "localhost"), 2, "no http or https URL"),
        ((), 2, "--base-url"),
        (("--base-url", "http://127.0.0.1:1", "--header", "s3cr3t"), 2, "a header is written"),
        (("--base-url", "http://127.0.0.1:1", "--header", "A: s3cr3t\nB: x"), 2, "a header is"),
        (("--base-url", "http://127.0.0.1:1", "--identity", "A: s3cr3t"), 2, "is written NAME="),
        (("--base-url", "http://127.0.0.1:1", "--header", "oauth2: s3cr3t"), 2, "--identity"),
        (("--base-url", "http://a", "--identity", "A=OAuth2: s3cr3t"), 2, "word 1 is none"),
        (("--base-url", "http://a", "--identity", "A=OAuth2: scope=$NO"), 2, "NO is not set"),
        (("--base-url", "http://127.0.0.1:1", "--secret", "NO_SUCH"), 2, "NO_SUCH is not set"),
        (("--base-url", "http://127.0.0.1:1", "--jobs", "0"), 2, "--jobs"),
        (("--base-url", "http://127.0.0.1:1", "--json", "/no/such/x"), 2, "--json"),
    ],
)
def test_what_cannot_be_run_says_so_by_its_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    module(tmp_path, "def test_a(): pass\n")
    result = invoke(tmp_path, *arguments)
    assert result.exit_code == status
    assert said in result.stderr
    assert "s3cr3t" not in result.output


def test_a_path_without_modules_is_a_usage_error(sound: str, tmp_path: Path) -> None:
    assert invoke(tmp_path, "--base-url", sound).exit_code == 2
    assert invoke(tmp_path / "none", "--base-url", sound).exit_code == 2


def test_a_description_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{")
    result = CliRunner().invoke(write, [str(tmp_path / "spec.json"), "--out", str(tmp_path / "p")])
    assert result.exit_code == 3
    assert result.stderr.startswith("Error: ")
    assert not (tmp_path / "p").exists()


def test_a_folder_with_something_else_is_not_written_into(tmp_path: Path, project: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(description({"/a": {"get": {"responses": {}}}})))
    result = CliRunner().invoke(write, [str(spec), "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "no written project" in result.stderr


def description(paths: dict[str, object]) -> dict[str, object]:
    return {"openapi": "3.1.0", "info": {"title": "Odd", "version": "1"}, "paths": paths}


def test_parts_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    """The first twenty, and how many more there are."""
    ok: dict[str, object] = {"get": {"responses": {"200": {"description": "fine"}}}}
    odd = {f"no-slash-{n}": ok for n in range(25)}
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(description({"/ok": ok, **odd})))
    result = CliRunner().invoke(write, [str(spec), "--out", str(tmp_path / "p")])
    assert result.exit_code == 0, result.output
    assert result.stderr.count("Left out #/paths/no-slash-") == 20
    assert "… and 5 more parts." in result.stderr


def test_modules_of_a_resource_group_do_not_run_at_once(sound: str, tmp_path: Path) -> None:
    """The second begins when the first has ended, though there is a job for each."""
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text("RESOURCE_GROUP = 'books'\ndef test_a(): pass\n")
    (tmp_path / "test_c.py").write_text("def test_a(): pass\n")
    with Engine() as engine:
        told = [
            (happening.case.case_id, happening.event.kind)
            for happening in execution.run(
                projects.find(tmp_path), Target(sound), jobs=3, timeout_seconds=60, engine=engine
            )
        ]
    assert told.index(("test_a.py", "case_finished")) < told.index(("test_b.py", "case_started"))
    assert ("test_c.py", "case_finished") in told


def test_leaving_the_run_cancels_what_waits(tmp_path: Path, sound: str) -> None:
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text("import time\ndef test_a(): time.sleep(60)\n")
    with Engine() as engine:
        happenings = execution.run(
            projects.find(tmp_path), Target(sound), jobs=1, timeout_seconds=60, engine=engine
        )
        next(happenings)
        happenings.close()
