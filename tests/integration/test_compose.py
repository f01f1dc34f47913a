"""Each of our services starts by the very command and environment that compose gives it.

Only what a machine without containers lacks is replaced: host names, ports and the place of /tmp.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from confluent_kafka import Consumer, TopicPartition
from pydantic import SecretStr

from app.domain.plans import PlannedCase, Shard, Target
from app.messages import commands, topics
from app.messages.commands import Command
from app.messages.sealing import Seal
from app.settings import RunnerSettings
from bridge.commands import CommandPublisher
from tests.compose_file import LASTING, SECRETS, program, services
from tests.database_fixtures import Postgres
from tests.kafka_server.broker import free_ports
from tests.shared_material import ROOT

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]

Answer = TypeVar("Answer")

SHARD = Shard(
    "run", 0, 1, Target("http://127.0.0.1:9"),
    (PlannedCase("case", "GET /", "test_it.py", "def test_it(): pass"),), "{}",
)  # fmt: skip

START_SECONDS = 120
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands in for the network of compose."""

    folder: Path
    kafka: str
    database_url: str

    def replacements(self) -> Mapping[str, str]:
        """What compose says → what it is here; every service gets ports of its own."""
        web, flower, metrics = map(str, free_ports(3))
        database = services()["migrate"]["environment"]["TESTOPS_DATABASE_URL"]
        return {
            database: self.database_url,
            "kafka:9092": self.kafka,
            "/tmp/heartbeat": str(self.folder / f"heartbeat-{metrics}"),  # noqa: S108 - compose's
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - replaced, not bound
            "8000": web,
            "5555": flower,
            "9100": metrics,
        }


@dataclass(frozen=True, slots=True)
class Service:
    """A service of compose as it is started here."""

    name: str
    replacements: Mapping[str, str]

    @property
    def command(self) -> list[str]:
        return [self._here(word) for word in services()[self.name]["command"]]

    @property
    def health_check(self) -> list[str]:
        return [self._here(word) for word in services()[self.name]["healthcheck"]["test"][1:]]

    @property
    def environment(self) -> dict[str, str]:
        """Just what compose gives, the path to our programs, and how coverage is measured."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        path = f"{program('python').parent}:{os.environ['PATH']}"
        given = services()[self.name]["environment"].items()
        # Compose leaves out a variable without a value.
        here = {name: self._here(value) for name, value in given if value is not None}
        return {**kept, "PATH": path, **here}

    def _here(self, word: str) -> str:
        for there, here in self.replacements.items():
            word = word.replace(there, here)
        return word

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    @contextlib.contextmanager
    def started(self, log: Path) -> Iterator[subprocess.Popen[bytes]]:
        with log.open("wb") as output:
            process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, kafka: str, postgres: Postgres
) -> Iterator[Stage]:
    """Kafka and PostgreSQL, with topics and tables made by compose's own one-shot services."""
    database = postgres.create(migrated=False)
    stage = Stage(tmp_path_factory.mktemp("compose"), kafka, postgres.url(database))
    for name in ("topics", "migrate"):
        service = Service(name, stage.replacements())
        done = service.run(service.command)
        assert done.returncode == 0, done.stderr
    yield stage
    postgres.drop(database)


def test_the_first_services_may_run_again(stage: Stage) -> None:
    for name in ("topics", "migrate"):
        service = Service(name, stage.replacements())
        assert service.run(service.command).returncode == 0


@pytest.mark.parametrize("name", LASTING)
def test_a_service_gets_healthy_is_measured_and_stops_in_order(stage: Stage, name: str) -> None:
    service, log = Service(name, stage.replacements()), stage.folder / f"{name}.log"
    with service.started(log) as process:
        _until_healthy(service, process, log)
        assert _metrics(service).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0, log.read_text()


def test_flower_shows_the_runner_and_revokes_its_tasks(stage: Stage) -> None:
    flower, runner = (Service(name, stage.replacements()) for name in ("flower", "runner"))
    logs = stage.folder / "watched-flower.log", stage.folder / "watched-runner.log"
    address = f"http://127.0.0.1:{flower.replacements['5555']}"
    with (
        flower.started(logs[0]) as one,
        runner.started(logs[1]) as other,
        httpx.Client(base_url=address, auth=("admin", SECRETS["FLOWER_PASSWORD"])) as client,
    ):
        _until_healthy(flower, one, logs[0])
        _until_healthy(runner, other, logs[1])
        shown = _until(lambda: client.get("/api/workers", params={"refresh": "1"}).json())
        [queue] = next(iter(shown.values()))["active_queues"]
        assert queue["name"] == topics.TEST_RUN_QUEUE.name
        lengths = client.get("/api/queues/length").json()["active_queues"]
        assert lengths == [{"name": topics.TEST_RUN_QUEUE.name, "messages": 0}]
        command = commands.execute_shard(SHARD, Seal(SECRETS["TESTOPS_SECRET_KEY"]))
        assert client.post(f"/api/task/revoke/{command.task_id}").status_code == 200
        flagged = f"Tasks flagged as revoked: {command.task_id}"
        _until(lambda: flagged in logs[1].read_text())
        _publish(stage, command)
        _until(lambda: b"The execution was cancelled" in _reported(stage))


def _publish(stage: Stage, command: Command) -> None:
    settings = RunnerSettings(
        kafka_brokers=stage.kafka, secret_key=SecretStr(SECRETS["TESTOPS_SECRET_KEY"])
    )
    with contextlib.closing(CommandPublisher(settings, process="test")) as publisher:
        publisher.publish([command])


def _reported(stage: Stage) -> bytes:
    """All that runners have reported so far."""
    consumer = Consumer(
        {"bootstrap.servers": stage.kafka, "group.id": "test", "enable.auto.commit": False}
    )
    with contextlib.closing(consumer):
        found = consumer.list_topics(topics.TEST_RESULTS.name, timeout=10)
        numbers = found.topics[topics.TEST_RESULTS.name].partitions
        consumer.assign([TopicPartition(topics.TEST_RESULTS.name, n, 0) for n in numbers])
        return b"".join(record.value() or b"" for record in consumer.consume(1000, 2.0))


def _until(find: Callable[[], Answer]) -> Answer:
    """Wait for an answer that is not empty."""
    deadline = time.monotonic() + START_SECONDS
    while not (answer := find()):
        assert time.monotonic() < deadline
        # Each look asks another process.
        time.sleep(0.1)
    return answer


def _until_healthy(service: Service, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while service.run(service.health_check).returncode != 0:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()


def _metrics(service: Service) -> httpx.Response:
    """What Prometheus would get."""
    port = {"web": "8000", "flower": "5555"}.get(service.name, "9100")
    return httpx.get(f"http://127.0.0.1:{service.replacements[port]}/metrics")
