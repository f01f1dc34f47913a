"""Workers as processes, publishers, and a look at what Kafka holds."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

import bridge.transport
from bridge.transport import completed
from tests.kafka_fixtures import Broker
from tests.shared_material import ROOT

#: Short, so that a killed worker is missed soon.
SESSION_SECONDS = 3.0
PATIENCE_SECONDS = 30.0


class Stage:
    """One queue on one broker: its workers, its publisher, its notes."""

    def __init__(
        self,
        broker: Broker,
        queue: str,
        folder: Path,
        **options: object,
    ) -> None:
        self.broker = broker
        self.queue = queue
        self.notes = folder / "notes"
        self.folder = folder
        self._workers: list[subprocess.Popen[bytes]] = []
        self.conf: dict[str, Any] = {
            "broker_url": f"kafka://{broker.address}",
            "task_default_queue": queue,
            "broker_transport_options": {
                "group_id": queue,
                "topic_creation": broker.topic_creation,
                "partitions": 4,
                "session_timeout": SESSION_SECONDS,
                "commit_interval": 0.1,
                **options,
            },
        }
        self.app = publisher(self.conf)

    def configure(self, **options: object) -> None:
        """Set transport options, before the first worker."""
        self.conf["broker_transport_options"] |= options
        self.app.close()
        self.app = publisher(self.conf)

    @property
    def topic(self) -> str:
        """The topic of the queue."""
        return f"{self.conf['broker_transport_options'].get('topic_prefix', '')}{self.queue}"

    def worker(
        self, pool: str = "prefork", concurrency: int = 2, *options: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker.

        Coverage does not measure it, which would be half of its work: the unit tests of the
        transport reach all of it in their own process.
        """
        unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        with self._log(len(self._workers)).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "tests.behaviour.transport.celery_app",
                 "worker", "-P", pool, "-c", str(concurrency), "--max-tasks-per-child", "5",
                 "-l", "INFO", "-n", f"{len(self._workers)}@{self.queue}", *options],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={
                    **unmeasured,
                    "CELERY_BEHAVIOUR": json.dumps(self.conf),
                    "WORKER_NUMBER": str(len(self._workers)),
                },
                start_new_session=True,
            )  # fmt: skip
        self._workers.append(process)
        return process

    def number(self, worker: subprocess.Popen[bytes]) -> int:
        """Its place in the order in which workers were started."""
        return self._workers.index(worker)

    def log(self, worker: subprocess.Popen[bytes]) -> str:
        """What a worker has logged so far."""
        return self._log(self.number(worker)).read_text()

    def _log(self, number: int) -> Path:
        return self.folder / f"worker-{number}.log"

    def ready_worker(
        self, pool: str = "prefork", concurrency: int = 2, *options: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it says that it is ready."""
        worker = self.worker(pool, concurrency, *options)
        self.until(lambda: " ready." in self.log(worker))
        return worker

    def began(self, *texts: str) -> int:
        """How often these waiting tasks have begun."""
        return sum(self.noted().count(f"{text} began") for text in texts)

    def send(self, task: str, *args: str, **options: object) -> None:
        """Publish a task."""
        self.app.send_task(task, args, **options)

    def note(self, text: str, **options: object) -> None:
        """Publish a task that notes a text."""
        self.send("note", str(self.notes), text, **options)

    def wait(self, text: str, **options: object) -> Path:
        """Publish a task that waits; touching the path lets it end."""
        until = self.folder / f"until-{text}"
        self.send("wait", str(self.notes), text, str(until), **options)
        return until

    def noted(self) -> list[str]:
        """What the tasks did so far."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def until_noted(self, *texts: str) -> None:
        """Wait until the tasks have noted all of these."""
        self.until(lambda: set(texts) <= set(self.noted()))

    def until(self, condition: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for a condition; fails with the workers' logs."""
        began = time.monotonic()
        while not condition():
            waited = time.monotonic() - began
            if waited > seconds:
                logs = [log.read_text() for log in sorted(self.folder.glob("worker-*.log"))]
                pytest.fail("\n".join(["did not happen", str(self.noted()), *logs]))
            # A look may connect to the broker; what takes long can spare some of them.
            time.sleep(max(0.02, min(waited / 50, 0.1)))

    def committed(self) -> dict[int, int]:
        """Offsets that the group has committed, by partition."""
        return {place.partition: place.offset for place in self._commits()}

    def completed(self) -> int:
        """How many offsets beyond the committed ones the group has committed as finished."""
        beyond = [completed.decode(it.offset, it.metadata or "") for it in self._commits()]
        return sum(map(len, beyond))

    def _commits(self) -> list[TopicPartition]:
        with self._consumer(self.queue) as consumer:
            places = [TopicPartition(self.topic, partition) for partition in range(4)]
            try:
                offsets = consumer.committed(places, timeout=10)
            except KafkaException:
                # A new Kafka first has to make the topic where offsets are kept.
                return []
            return [place for place in offsets if place.offset >= 0]

    def dead_letters(self) -> list[Message]:
        """What lies in the dead letter topic now."""
        with self._consumer(f"{self.queue}-look") as consumer:
            topic = f"{self.topic}.dlq"
            partitions = consumer.list_topics(timeout=10).topics
            if topic not in partitions:
                return []
            consumer.assign(
                [TopicPartition(topic, part, 0) for part in partitions[topic].partitions]
            )
            return consumer.consume(100, 0.5)

    def close(self) -> None:
        """Kill whoever still runs."""
        for process in self._workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.app.close()

    @contextlib.contextmanager
    def _consumer(self, group: str) -> Iterator[Consumer]:
        consumer = Consumer(
            {"bootstrap.servers": self.broker.address, "group.id": group, "fetch.wait.max.ms": 10}
        )
        yield consumer
        consumer.close()


def publisher(conf: dict[str, Any]) -> Celery:
    """An application that only publishes."""
    bridge.transport.register()
    app = Celery("publisher", set_as_current=False)
    app.conf.update(conf, task_ignore_result=True)
    return app


def pause(seconds: float) -> None:
    """Let time pass in which something must not happen."""
    threading.Event().wait(seconds)


def key_of(partition: int, partitions: int = 4) -> str:
    """A message key that leads to this partition."""
    keys = (str(number) for number in range(1000))
    return next(key for key in keys if _murmur2(key.encode()) % partitions == partition)


def _murmur2(data: bytes) -> int:
    """The hash by which Kafka's clients choose a key's partition (its sign left out)."""
    factor, mask = 0x5BD1E995, 0xFFFFFFFF
    value = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for place in range(0, whole, 4):
        part = int.from_bytes(data[place : place + 4], "little") * factor & mask
        part = (part ^ part >> 24) * factor & mask
        value = value * factor & mask ^ part
    if rest := data[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return (value ^ value >> 15) & 0x7FFFFFFF
