"""The whole platform as processes of its own, on PostgreSQL and a real Apache Kafka."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.services import users
from app.settings import Settings
from bench.transport.servers import kafka
from bridge.kafka import topics
from bridge.local import parts, postgres
from tests.database_fixtures import Postgres, settings_for
from tests.kafka_server.broker import free_ports
from tests.processes import SECRET, Processes
from tests.shared_material import ROOT
from tests.waiting import wait_until

EMAIL: Final = "ada@example.com"
PASSWORD: Final = "a password for a benchmark"  # noqa: S105 - of a database that is thrown away

#: So that a row tells when it was committed; and the safety that an installation has.
_DATABASE: Final = "track_commit_timestamp = on\n"
_SAFE: Final = ("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")


@dataclass(frozen=True, slots=True)
class Platform:
    """What runs."""

    url: str
    brokers: str
    settings: Settings
    sessions: sessionmaker[Session]
    #: Where the tested API listens, and where it writes down when it answered.
    api_url: str
    notes: Path
    web: psutil.Process

    def web_seconds(self) -> float:
        """CPU time that the web process and its workers have taken so far."""
        everyone = [self.web, *self.web.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in everyone)


@contextmanager
def running(answer_ms: float) -> Iterator[Platform]:
    """Start everything and end it; raises MissingError where Kafka cannot be run."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        broker = stack.enter_context(kafka(_made(folder / "kafka")))
        topics.create_all(broker.address, replication_factor=1)
        settings = settings_for(stack.enter_context(_database()), secret_key=SECRET)
        engine = database.engine_of(settings)
        stack.callback(engine.dispose)
        sessions = database.sessions(engine)
        with sessions.begin() as session:
            users.create(session, email=EMAIL, password=PASSWORD, name="Ada")
        notes = folder / "notes"
        api_url = stack.enter_context(_api(notes, answer_ms))
        url, web = _start(stack, _made(folder / "processes"), settings, broker.address)
        yield Platform(url, broker.address, settings, sessions, api_url, notes, web)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def _database() -> Iterator[str]:
    # PostgreSQL runs as another user where this is root, who must be able to reach the folder.
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    postgres.prepare(folder)
    with (folder / "postgresql.conf").open("a") as configuration:
        configuration.write(_DATABASE)
    server = Postgres(folder)
    server.execute(*_SAFE)
    try:
        yield server.url(server.create())
    finally:
        server.admin.dispose()
        server.server.cleanup()


@contextmanager
def _api(notes: Path, answer_ms: float) -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.progress.api", str(notes), str(answer_ms)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("It was started with pipes.")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _start(
    stack: ExitStack, folder: Path, settings: Settings, brokers: str
) -> tuple[str, psutil.Process]:
    """Start the processes of compose; the web process and its address."""
    processes = Processes(
        folder,
        database_url=settings.database_url.get_secret_value(),
        brokers=brokers,
        topic_creation="verify",
        settings={"TESTOPS_CAGE": "none"},
    )
    stack.callback(processes.stop)
    [port] = free_ports(1)
    web = processes.start(
        "web", "gunicorn", "app.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "1", "--threads", "16", "--no-control-socket",
    )  # fmt: skip
    beating = [
        *(processes.bridge(name) for name in ("relay", "results", "notifications", "analytics")),
        processes.scheduler(),
        processes.runner(),
    ]
    for process in beating:
        process.wait_ready()
    wait_until(lambda: parts.answers(port, "/readyz"), f"{web.name} is ready")
    return f"http://127.0.0.1:{port}", psutil.Process(web.process.pid)
