"""The whole path on real parts: PostgreSQL, a broker, and every process on its own."""

from __future__ import annotations

import http.server
import json
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.domain.outcomes import Outcome, Status
from app.models.base import new_id
from app.models.case import Case
from app.models.check_statistic import CheckStatistic
from app.models.notification import Notification
from app.models.outbox_message import OutboxMessage
from app.models.result import Result
from app.models.run import Run
from app.models.run_case import RunCase
from app.services import descriptions, generations, runs, suites
from app.settings import Settings
from tests import database_fixtures, kafka_fixtures
from tests.database_fixtures import Postgres
from tests.processes import SECRET, Processes, Running, wait_until

pytestmark = pytest.mark.xdist_group("flow")

SETTINGS = {"shard_size": 3, "case_seconds": 5.0, "stale_after_seconds": 8.0}

DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "Greetings", "version": "1"},
    "paths": {
        "/greetings/{name}": {
            "get": {
                "summary": "Greet somebody",
                "parameters": [
                    {
                        "name": "name",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                        "example": "Ada",
                    }
                ],
                "responses": {
                    "200": {
                        "description": "A greeting",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["greeting"],
                                    "properties": {"greeting": {"type": "string"}},
                                }
                            }
                        },
                    },
                    "404": {"description": "Nobody"},
                },
            }
        }
    },
}

SLOW_SCRIPT = '''
import time

OPERATION = "GET /greetings/{{name}}"


def test_slow_{number}():
    """Takes long enough to be interrupted."""
    time.sleep(0.3)
'''


class Greetings(http.server.BaseHTTPRequestHandler):
    """An API that keeps its description."""

    def do_GET(self) -> None:
        known = self.path == "/greetings/Ada"
        body = json.dumps({"greeting": "Hello, Ada."}).encode() if known else b""
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture(scope="module")
def greetings() -> Iterator[str]:
    """Address of the tested API."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Greetings) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def settings(postgres: Postgres) -> Iterator[Settings]:
    name = postgres.create()
    yield database_fixtures.settings_for(postgres.url(name), secret_key=SECRET, **SETTINGS)
    postgres.drop(name)


@pytest.fixture(scope="module")
def sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    engine = database.engine_of(settings)
    yield database.sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def processes(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    folder = tmp_path_factory.mktemp("flow")
    with kafka_fixtures.embedded(folder) as brokers:
        made = Processes(
            folder,
            database_url=settings.database_url.get_secret_value(),
            brokers=brokers,
            topic_creation="auto",
            settings={
                "TESTOPS_REAP_EVERY_SECONDS": "0.5",
                **{f"TESTOPS_{name.upper()}": str(value) for name, value in SETTINGS.items()},
            },
        )
        yield made
        made.stop()


@pytest.fixture(scope="module")
def platform(processes: Processes) -> Processes:
    """The processes that no test kills."""
    started = [
        processes.bridge("results", "notifications", "analytics"),
        processes.generator(),
        processes.scheduler(),
    ]
    for running in started:
        running.wait_ready()
    return processes


@pytest.fixture
def relay(platform: Processes) -> Iterator[Running]:
    """The relay, for one test."""
    running = platform.bridge("relay")
    yield running
    running.stop()


@pytest.fixture
def runner(platform: Processes) -> Iterator[Running]:
    """A runner, for one test."""
    running = platform.runner()
    yield running
    running.stop()


@pytest.fixture
def suite_id(sessions: sessionmaker[Session], settings: Settings, greetings: str) -> str:
    """A suite without cases."""
    reading = descriptions.read_bytes(json.dumps(DESCRIPTION).encode())
    with sessions.begin() as session:
        description = descriptions.add(session, reading)
        return suites.create(
            session, description.id, name="Greetings", base_url=greetings, settings=settings
        ).id


def add_slow_cases(sessions: sessionmaker[Session], suite_id: str, count: int) -> None:
    with sessions.begin() as session:
        for number in range(count):
            script = SLOW_SCRIPT.format(number=number)
            session.add(
                Case(
                    id=new_id(),
                    suite_id=suite_id,
                    operation=f"GET /greetings/{{name}} {number}",
                    module=f"test_slow_{number}.py",
                    script=script,
                    generated_script=script,
                    notes=[],
                    provider="offline",
                    updated_at=func.now(),
                )
            )


def start(sessions: sessionmaker[Session], suite_id: str, settings: Settings) -> str:
    with sessions.begin() as session:
        return runs.start(session, suite_id, settings=settings).id


def run_of(sessions: sessionmaker[Session], run_id: str) -> Run:
    with sessions() as session:
        return runs.get(session, run_id)


def wait_finished(sessions: sessionmaker[Session], run_id: str) -> Run:
    wait_until(
        lambda: run_of(sessions, run_id).status == Status.FINISHED,
        f"run {run_id} is finished",
        seconds=90,
    )
    return run_of(sessions, run_id)


def results_of(sessions: sessionmaker[Session], run_id: str) -> list[Result]:
    with sessions() as session:
        return list(session.scalars(select(Result).where(Result.run_id == run_id)))


def assert_each_case_has_one_result(
    sessions: sessionmaker[Session], run: Run, *, checks: int
) -> None:
    found = results_of(sessions, run.id)
    assert set(Counter(result.case_id for result in found).values()) == {1}
    assert {result.outcome for result in found} == {Outcome.PASSED}
    assert len(found) == checks == run.passed == run.cases_finished == run.cases_total
    with sessions() as session:
        open_cases = session.scalar(
            select(func.count())
            .select_from(RunCase)
            .where(RunCase.run_id == run.id, RunCase.status != Status.FINISHED)
        )
    assert open_cases == 0


def wait_told(sessions: sessionmaker[Session], run_id: str) -> None:
    """Wait until everybody who listens to finished runs has heard of this one."""

    def is_told() -> bool:
        with sessions() as session:
            notices = session.scalar(
                select(func.count()).select_from(Notification).where(Notification.run_id == run_id)
            )
            counted = session.scalar(select(Run.analysed_at).where(Run.id == run_id))
        return notices == 1 and counted is not None

    wait_until(is_told, f"notification and statistics of run {run_id}")


def outbox_is_empty(sessions: sessionmaker[Session]) -> bool:
    with sessions() as session:
        return not session.scalar(select(func.count()).select_from(OutboxMessage))


def test_from_a_description_to_results_and_what_follows_from_them(
    sessions: sessionmaker[Session],
    settings: Settings,
    suite_id: str,
    relay: Running,
    runner: Running,
) -> None:
    """Cases are written, executed, recorded with their exchanges, told and counted."""
    with sessions.begin() as session:
        generation_id = generations.request(session, suite_id).id

    def is_written() -> bool:
        with sessions() as session:
            return generations.get(session, generation_id).status == Status.FINISHED

    wait_until(is_written, "the generation is finished")
    run = wait_finished(sessions, start(sessions, suite_id, settings))
    found = results_of(sessions, run.id)
    assert run.failed == run.errored == 0
    assert run.passed > 0
    success = next(result for result in found if result.exchanges)
    assert success.exchanges[0]["url"].endswith("/greetings/Ada")
    assert success.exchanges[0]["status"] == 200
    wait_told(sessions, run.id)
    with sessions() as session:
        known = session.scalars(
            select(CheckStatistic).where(CheckStatistic.suite_id == suite_id)
        ).all()
    assert {(row.runs, row.passed) for row in known} == {(1, 1)}
    wait_until(lambda: outbox_is_empty(sessions), "the outbox is empty")


def test_a_runner_killed_in_the_middle_of_a_run_costs_no_result_and_doubles_none(
    sessions: sessionmaker[Session],
    settings: Settings,
    suite_id: str,
    platform: Processes,
    relay: Running,
    runner: Running,
) -> None:
    add_slow_cases(sessions, suite_id, 24)
    runner.wait_ready()
    run_id = start(sessions, suite_id, settings)
    wait_until(lambda: run_of(sessions, run_id).cases_finished >= 4, "some cases are finished")
    runner.kill()
    assert run_of(sessions, run_id).status == Status.RUNNING
    successor = platform.runner()
    run = wait_finished(sessions, run_id)
    successor.stop()
    assert_each_case_has_one_result(sessions, run, checks=24)


def test_a_relay_killed_while_it_publishes_loses_nothing_and_doubles_nothing(
    sessions: sessionmaker[Session],
    settings: Settings,
    suite_id: str,
    platform: Processes,
    runner: Running,
) -> None:
    """Also the events that follow from commands published twice are applied once."""
    add_slow_cases(sessions, suite_id, 4)
    run_ids = []
    relay = platform.bridge("relay")
    relay.wait_ready()
    for number in range(8):
        run_ids.append(start(sessions, suite_id, settings))
        if number in {3, 6}:
            relay.kill()
            relay = platform.bridge("relay")
    for run_id in run_ids:
        run = wait_finished(sessions, run_id)
        assert_each_case_has_one_result(sessions, run, checks=4)
        wait_told(sessions, run_id)
    relay.stop()
    with sessions() as session:
        counted = session.scalars(
            select(CheckStatistic.runs).where(CheckStatistic.suite_id == suite_id)
        ).all()
    assert list(counted) == [8] * 4
