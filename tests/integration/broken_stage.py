"""A platform of real parts that can be broken, and the judge who watches it: fixtures."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import yaml
from sqlalchemy import make_url
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.services import descriptions, suites, tokens, users
from app.settings import Settings
from bridge.kafka import topics
from chaos.conditions import Reading
from chaos.judge import Judge
from chaos.load import Load, Rest
from chaos.prometheus import Prometheus
from tests import database_fixtures
from tests.database_fixtures import Postgres
from tests.factories import rows
from tests.integration.greetings import ASKING_SCRIPT, DESCRIPTION, Greetings, serving
from tests.kafka_fixtures import need_kafka
from tests.kafka_server import broker as kafka_server
from tests.kafka_server.cable import Cable
from tests.processes import SECRET, Processes, Running
from tests.waiting import wait_until

CASES: Final = 8
BRIDGES: Final = ("relay", "results", "analytics", "dead-letters")
#: The database's volume, which one test fills.
VOLUME_MEGABYTES: Final = 400


def need(what: str, is_there: object) -> None:
    """Skip, or fail where skipping is forbidden."""
    if is_there:
        return
    if os.environ.get("TESTOPS_REQUIRE_REAL") == "1":
        pytest.fail(f"{what} is needed")
    pytest.skip(f"{what} is needed")


@dataclass
class Stage:
    """Everything that can be broken, and who judges."""

    kafka: kafka_server.Kafka
    #: Between the bridge and Kafka.
    cable: Cable
    #: Between everybody and PostgreSQL.
    wire: Cable
    volume: Path
    postgres: Postgres
    sessions: sessionmaker[Session]
    runners: Processes
    runner: Running
    load: Load
    judge: Judge

    def steady(self) -> list[Reading]:
        return [each for each in self.judge.steady() if not each.holds]

    def unbearable(self) -> list[Reading]:
        return [each for each in self.judge.bearable() if not each.holds]

    def wait_steady(self, seconds: float, *, after: str = "") -> None:
        """Wait until all is well and a run has ended that was not the given one."""

        def is_steady() -> bool:
            last = self.load.last
            return last is not None and last.id != after and not self.steady()

        try:
            wait_until(is_steady, "everything is steady", seconds=seconds, every=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}; not so: {self.steady()}") from error

    def replace_runner(self) -> None:
        """As Kubernetes does it with a container that has ended."""
        self.runner = self.runners.runner()
        # One that is told to end before it has begun does not end in order.
        self.runner.wait_ready()


@contextlib.contextmanager
def volume() -> Iterator[Path]:
    """A file system of the database's own, which can be full; its server is no root and goes in."""
    need("root, who may mount a file system", os.geteuid() == 0)
    folder = Path(tempfile.mkdtemp(prefix="testops-volume-"))
    size = f"size={VOLUME_MEGABYTES}m,mode=0777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@contextlib.contextmanager
def postgres_on(volume: Path) -> Iterator[Postgres]:
    running = Postgres(volume / "data")
    try:
        yield running
    finally:
        running.admin.dispose()
        running.server.cleanup()


def settings_through(wire: Cable, postgres: Postgres) -> Settings:
    """Of a fresh database that is reached by a wire only."""
    host, port = wire.address.split(":")
    url = make_url(postgres.url(postgres.create())).set(host=host, port=int(port), query={})
    return database_fixtures.settings_for(
        url.render_as_string(hide_password=False), secret_key=SECRET, shard_size=2
    )


@contextlib.contextmanager
def kafka_in(folder: Path) -> Iterator[kafka_server.Kafka]:
    need_kafka()
    folder.mkdir()
    kafka = kafka_server.Kafka(folder)
    try:
        kafka.start()
        topics.create_all(kafka.address)
        yield kafka
    finally:
        kafka.stop()


@contextlib.contextmanager
def prometheus_in(folder: Path, port: int, asked: list[int]) -> Iterator[Prometheus]:
    """A real Prometheus that asks these ports each second."""
    need("Prometheus (Debian's package prometheus)", shutil.which("prometheus"))
    folder.mkdir()
    targets = [f"127.0.0.1:{number}" for number in asked]
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "platform", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
    )
    try:
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(20)


def suite_of(session: Session, base_url: str, settings: Settings) -> tuple[str, str]:
    """A suite whose cases take a moment each, and a token of somebody who may run it."""
    reading = descriptions.read_bytes(yaml.safe_dump(DESCRIPTION).encode())
    description = descriptions.add(session, reading)
    suite = suites.create(
        session, description.id, name="Chaos", base_url=base_url, settings=settings
    )
    for number in range(CASES):
        script = ASKING_SCRIPT.format(number=number)
        operation = f"GET /greetings/{{name}} {number}"
        rows.case(session, suite, operation, script=script, generated_script=script)
    user = users.create(
        session, email="ada@example.com", password="a password for tests", name="Ada"
    )
    return suite.id, tokens.create(session, user.id, name="chaos").plain


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Everything started, and a suite that is run again and again."""
    wire_port, prometheus_port, web_port, *metrics = kafka_server.free_ports(6)
    with contextlib.ExitStack() as ends:
        disk = ends.enter_context(volume())
        postgres = ends.enter_context(postgres_on(disk))
        sockets = make_url(postgres.server.get_uri()).query["host"]
        wire = ends.enter_context(contextlib.closing(Cable(wire_port, f"{sockets}/.s.PGSQL.5432")))
        settings = settings_through(wire, postgres)
        kafka = ends.enter_context(kafka_in(folder / "kafka"))
        cable = ends.enter_context(contextlib.closing(Cable(kafka.far_port, kafka.near_port)))
        engine = database.engine_of(settings)
        ends.callback(engine.dispose)
        sessions = database.sessions(engine)
        bridge = _processes(folder / "bridge", settings, cable.address)
        others = _processes(folder / "others", settings, kafka.address)
        for each in (bridge, others):
            ends.callback(each.stop)
        api = ends.enter_context(serving())
        Greetings.may_answer.set()
        with sessions.begin() as session:
            suite_id, token = suite_of(session, api, settings)
        runner = _start(bridge, others, metrics, web_port)
        prometheus = ends.enter_context(
            prometheus_in(folder / "prometheus", prometheus_port, [*metrics, web_port])
        )
        load = Load(Rest(f"http://127.0.0.1:{web_port}", token, suite_id), time.monotonic)
        judge = Judge(prometheus.ask, load)
        ends.enter_context(turning(judge))
        yield Stage(kafka, cable, wire, disk, postgres, sessions, others, runner, load, judge)


def _processes(folder: Path, settings: Settings, brokers: str) -> Processes:
    folder.mkdir()
    return Processes(
        folder,
        database_url=settings.database_url.get_secret_value(),
        brokers=brokers,
        topic_creation="auto",
        settings={"TESTOPS_STALE_AFTER_SECONDS": "61", "TESTOPS_REAP_EVERY_SECONDS": "0.5"},
    )


def _start(bridge: Processes, others: Processes, metrics: list[int], web_port: int) -> Running:
    """Start every process, each with a port for its metrics; those of the last have its successors.

    Returns the runner.
    """
    starts: tuple[Callable[[], Running], ...] = (
        lambda: bridge.bridge(*BRIDGES),
        others.scheduler,
        others.runner,
    )
    for port, start in zip(metrics, starts, strict=True):
        for each in (bridge, others):
            each.set(TESTOPS_METRICS_PORT=str(port))
        running = start()
    others.web(web_port)
    return running


@contextlib.contextmanager
def turning(judge: Judge) -> Iterator[None]:
    """The judge's load, in a thread."""
    is_over = threading.Event()

    def turn() -> None:
        while not is_over.wait(0.2):
            judge.turn()

    thread = threading.Thread(target=turn)
    thread.start()
    yield
    is_over.set()
    thread.join()
