"""A real API through the whole platform, on a real Kafka and a real PostgreSQL, by REST."""

from __future__ import annotations

import socket
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from werkzeug.serving import make_server

from app import database
from app.services import tokens, users
from bridge.kafka import topics
from tests import database_fixtures
from tests.database_fixtures import Postgres
from tests.processes import SECRET, Processes, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

#: What httpbin itself answers against its own description, known and looked at one by one.
MOST_FAILED_SHARE = 0.2


@pytest.fixture(scope="module")
def httpbin() -> Iterator[str]:
    """Address of httpbin."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old package, and those it brings
        from httpbin import app as application  # noqa: PLC0415 - imported only where it is used
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


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
        user = users.create(session, email="ada@example.com", password="a long enough password")
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


def test_httpbin_is_read_written_run_and_its_results_are_kept(
    client: httpx.Client, httpbin: str
) -> None:
    """Every operation has a case, every case a result; most checks pass, hardly any errs."""
    description = post(client, "/api-descriptions", 201, url=f"{httpbin}/spec.json")
    operations = list(items(client, f"/api-descriptions/{description['id']}/operations"))
    suite = post(
        client, "/suites", 201,
        api_description_id=description["id"], name="httpbin", base_url=httpbin,
    )  # fmt: skip
    asked = post(
        client, f"/suites/{suite['id']}/generations", 202, provider="offline", operations="all"
    )
    written = wait_final(client, f"/generations/{asked['id']}", 120)
    cases = list(items(client, f"/suites/{suite['id']}/cases"))
    assert (written["written"], written["failed"]) == (len(operations), 0)
    assert {case["operation"] for case in cases} == {one["key"] for one in operations}
    run_id = post(client, f"/suites/{suite['id']}/runs", 202)["id"]
    run = wait_final(client, f"/runs/{run_id}", 300)
    results = list(items(client, f"/runs/{run_id}/results"))
    totals = Counter(result["outcome"] for result in results)
    _show(f"httpbin: {len(operations)} operations, {len(cases)} cases, {dict(totals)}", results)
    assert {result["case_id"] for result in results} == {case["id"] for case in cases}
    assert sum(totals.values()) == sum(run["totals"].values())
    assert totals["errored"] == 0
    assert totals["passed"] > sum(totals.values()) / 2
    assert totals["failed"] <= sum(totals.values()) * MOST_FAILED_SHARE


def _show(totals: str, results: list[Mapping[str, Any]]) -> None:
    """Print the totals and what is red, for whoever reads the test's output."""
    red = [result for result in results if result["outcome"] in {"failed", "errored"}]
    lines = [f"{one['outcome']}: {one['operation']} {one['check']}" for one in red]
    sys.stdout.write("\n".join([totals, *lines, ""]))
