"""The platform's processes for tests: the same commands that compose gives, on local parts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.messages import topics
from tests.shared_material import ROOT
from tests.waiting import wait_until

SECRET = "a secret key that is only for tests"

#: Under the load of a whole test run on two cores.
START_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Running:
    """A started process."""

    name: str
    process: subprocess.Popen[bytes]
    heartbeat: Path
    log: Path

    def wait_ready(self) -> None:
        """Wait for its heartbeat."""

        def is_ready() -> bool:
            assert self.process.poll() is None, f"{self.name} ended:\n{self.log.read_text()}"
            return self.heartbeat.exists()

        wait_until(is_ready, f"{self.name} is ready", seconds=START_SECONDS)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait(20)

    def ask_to_end(self) -> None:
        """Have it end in order."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it in order, and see that it does."""
        if self.process.poll() is None:
            self.ask_to_end()
            assert self.process.wait(40) == 0, f"{self.name}:\n{self.log.read_text()}"


class Processes:
    """Starts processes on one database and one broker, and ends them."""

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str,
        brokers: str,
        topic_creation: str,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.brokers = brokers
        self._folder = folder
        self._running: list[Running] = []
        self._settings = {
            "TESTOPS_DATABASE_URL": database_url,
            "TESTOPS_KAFKA_BROKERS": brokers,
            "TESTOPS_KAFKA_TOPIC_CREATION": topic_creation,
            "TESTOPS_SECRET_KEY": SECRET,
            "TESTOPS_ALLOWED_PRIVATE_HOSTS": "127.0.0.1",
            "TESTOPS_LOG_FORMAT": "console",
            **(settings or {}),
        }

    def set(self, **settings: str) -> None:
        """Variables of the processes that are started from now on."""
        self._settings |= settings

    def unset(self, *names: str) -> None:
        """The reverse of `set`."""
        for name in names:
            del self._settings[name]

    def bridge(self, *loops: str) -> Running:
        """`python -m bridge LOOPS`."""
        return self.start(f"bridge-{'-'.join(loops)}", "bridge", *loops)

    def generator(self) -> Running:
        """The worker that writes cases."""
        return self._worker("generator", "tasks.generation", topics.GENERATION_QUEUE)

    def runner(self) -> Running:
        """The worker that executes them; it does not know the database."""
        return self._worker("runner", "tasks.execution", topics.TEST_RUN_QUEUE)

    def scheduler(self) -> Running:
        """The process that reaps."""
        return self.start("scheduler", "tasks.scheduler")

    def web(self, port: int) -> Running:
        """The web process."""
        return self.start(
            "web", "gunicorn", "app.wsgi:application", "--bind", f"127.0.0.1:{port}",
            "--threads", "4", "--no-control-socket",
        )  # fmt: skip

    def _worker(self, name: str, module: str, queue: topics.Topic) -> Running:
        words = ("celery", "-A", module, "worker", "-Q", queue.name, "--pool", "threads")
        return self.start(name, *words)

    def start(self, name: str, *words: str) -> Running:
        """Start `python -m WORDS`."""
        label = f"{name}-{len(self._running)}"
        heartbeat = self._folder / f"{label}.heartbeat"
        environment = {**os.environ, **self._settings, "TESTOPS_HEARTBEAT_FILE": str(heartbeat)}
        if name == "runner":
            del environment["TESTOPS_DATABASE_URL"]
        log = self._folder / f"{label}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
        running = Running(label, process, heartbeat, log)
        self._running.append(running)
        return running

    def logs(self) -> Iterator[str]:
        """What each process has written."""
        return (running.log.read_text() for running in self._running)

    def stop(self) -> None:
        """End everything in order, the last started first."""
        living = [one for one in reversed(self._running) if one.process.poll() is None]
        for one in living:
            one.process.send_signal(signal.SIGTERM)
        try:
            for one in living:
                assert one.process.wait(40) == 0, f"{one.name}:\n{one.log.read_text()}"
        finally:
            for one in living:
                one.process.kill()
