"""A real API through the whole platform, on a real Kafka and PostgreSQL, by REST and browser."""

from __future__ import annotations

import socket
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from app import database
from app.services import tokens, users
from bridge.kafka import topics
from tests import database_fixtures
from tests.database_fixtures import Postgres
from tests.processes import SECRET, Processes
from tests.serving import serving
from tests.waiting import wait_until

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

#: What httpbin itself answers against its own description, known and looked at one by one.
MOST_FAILED_SHARE = 0.2
#: What it answers wrongly, or never, when it is sent a number beyond reason.
UNANSWERED = {"GET /drip", "GET /status/{codes}"}

EMAIL = "ada@example.com"
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def httpbin() -> Iterator[str]:
    """Address of httpbin."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old package, and those it brings
        from httpbin import app as application  # noqa: PLC0415 - imported only where it is used
    with serving(_answering(application)) as url:
        yield url


def _answering(application: WSGIApplication) -> WSGIApplication:
    """It answers 500 where it would never answer, for a header that cannot be sent."""

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], error: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            "".join(text for header in headers for text in header).encode("latin-1")
            return start_response(status, headers, error)

        return application(environ, start)

    return answered


@pytest.fixture(scope="module")
def client(
    postgres: Postgres, kafka: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of the platform's REST API, with every process of it running."""
    name = postgres.create()
    url = postgres.url(name)
    topics.create_all(kafka)
    processes = Processes(
        tmp_path_factory.mktemp("httpbin"),
        database_url=url,
        brokers=kafka,
        topic_creation="verify",
        settings={"TESTOPS_CASE_SECONDS": "60", "TESTOPS_RUNNER_CONCURRENCY": "2"},
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    processes.web(port)
    started = [
        processes.bridge("all"),
        processes.generator(),
        processes.runner(),
        processes.scheduler(),
    ]
    for running in started:
        running.wait_ready()
    token = _token(url)
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=60,
    ) as made:
        wait_until(lambda: _answers(made), "the web process answers", seconds=90)
        yield made
    processes.stop()
    postgres.drop(name)


def _token(url: str) -> str:
    engine = database.engine_of(database_fixtures.settings_for(url, secret_key=SECRET))
    with database.sessions(engine).begin() as session:
        user = users.create(session, email=EMAIL, password=PASSWORD)
        plain = tokens.create(session, user.id, name="test").plain
    engine.dispose()
    return plain


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/runs").status_code == 200
    except httpx.TransportError:
        return False


def post(client: httpx.Client, path: str, status: int, **body: object) -> Mapping[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


def get(client: httpx.Client, path: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = client.get(path).raise_for_status().json()
    return found


def items(client: httpx.Client, path: str) -> Iterator[Mapping[str, Any]]:
    """Everything of a list, page by page."""
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(path, params={"limit": 100, **({"cursor": cursor} if cursor else {})})
        yield from page.raise_for_status().json()["items"]
        cursor = page.json()["next_cursor"]


def wait_final(client: httpx.Client, path: str, seconds: float) -> Mapping[str, Any]:
    wait_until(
        lambda: get(client, path)["status"] == "finished", f"{path} is finished",
        seconds=seconds, every=0.3,
    )  # fmt: skip
    return get(client, path)


@dataclass(frozen=True)
class Executed:
    """What became of httpbin's whole suite, as REST tells it."""

    operations: list[Mapping[str, Any]]
    cases: list[Mapping[str, Any]]
    generation: Mapping[str, Any]
    run: Mapping[str, Any]
    results: list[Mapping[str, Any]]

    @property
    def totals(self) -> Counter[str]:
        return Counter(result["outcome"] for result in self.results)


@pytest.fixture(scope="module")
def executed(client: httpx.Client, httpbin: str) -> Executed:
    """Its description read from its URL, a case written for each operation, all of them run."""
    description = post(client, "/api-descriptions", 201, url=f"{httpbin}/spec.json")
    suite = post(
        client, "/suites", 201,
        api_description_id=description["id"], name="httpbin", base_url=httpbin,
    )  # fmt: skip
    asked = post(
        client, f"/suites/{suite['id']}/generations", 202, provider="offline", operations="all"
    )
    generation = wait_final(client, f"/generations/{asked['id']}", 120)
    run_id = post(client, f"/suites/{suite['id']}/runs", 202)["id"]
    run = wait_final(client, f"/runs/{run_id}", 300)
    return Executed(
        operations=list(items(client, f"/api-descriptions/{description['id']}/operations")),
        cases=list(items(client, f"/suites/{suite['id']}/cases")),
        generation=generation,
        run=run,
        results=list(items(client, f"/runs/{run_id}/results")),
    )


def test_httpbin_is_read_written_run_and_its_results_are_kept(executed: Executed) -> None:
    """Every operation has a case, every case a result; most checks pass, next to none errs."""
    written, totals = executed.generation, executed.totals
    _show(f"httpbin: {len(executed.operations)} operations, {dict(totals)}", executed.results)
    assert (written["written"], written["failed"]) == (len(executed.operations), 0)
    assert {case["operation"] for case in executed.cases} == {
        one["key"] for one in executed.operations
    }
    assert {result["case_id"] for result in executed.results} == {
        case["id"] for case in executed.cases
    }
    assert sum(totals.values()) == sum(executed.run["totals"].values())
    errored = {one["operation"] for one in executed.results if one["outcome"] == "errored"}
    assert errored <= UNANSWERED
    assert totals["passed"] > sum(totals.values()) / 2
    assert totals["failed"] <= sum(totals.values()) * MOST_FAILED_SHARE


@pytest.mark.browser
def test_the_results_of_httpbin_are_read_in_a_browser(
    executed: Executed, client: httpx.Client, page: Page
) -> None:
    """The page of the run counts what REST counts, and shows a contradiction with its exchange."""
    page.goto(str(client.base_url.copy_with(path="/")))
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()
    page.goto(str(client.base_url.copy_with(path=f"/runs/{executed.run['id']}")))
    expect(page.locator("#progress .badge")).to_have_text("finished")
    for outcome in ("passed", "failed", "errored", "skipped"):
        counted = page.locator(f'[data-count="{outcome}"]')
        expect(counted).to_have_text(str(executed.totals[outcome]))
    red = page.locator("details.check", has_text="/cookies/delete answered 302")
    red.locator("summary").first.click()
    expect(red.locator("pre.message")).to_contain_text("expected a documented status: 200")
    expect(red.locator(".exchange summary")).to_contain_text("302")


def _show(totals: str, results: list[Mapping[str, Any]]) -> None:
    """Print the totals and what is red, for whoever reads the test's output."""
    red = [result for result in results if result["outcome"] in {"failed", "errored"}]
    lines = [f"{one['outcome']}: {one['operation']} {one['check']}" for one in red]
    sys.stdout.write("\n".join([totals, *lines, ""]))
