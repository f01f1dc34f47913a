"""Publishes, in a process of its own.

    python -m bench.transport.probe rate WAY SECONDS < LINE
    python -m bench.transport.probe fill MESSAGES < LINE
    python -m bench.transport.probe idle TASKS NOTES < LINE

`rate` prints how many messages a second it was; the first ones, which make connections and topics,
do not count. `idle` sends a task when the one before has run.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Final

from celery import Celery
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bench.transport import app as apps
from bench.transport import contestants
from bench.transport.contestants import Line, Name

THREADS: Final = 8
BATCH: Final = 500
_WARM_UP: Final = 20
#: Between two tasks of an idle worker.
_IDLE_SECONDS: Final = 0.025
_IDLE_PATIENCE_SECONDS: Final = 20.0


class Way(StrEnum):
    """How messages are published."""

    SINGLE = "single"
    THREADS = "threads"
    BATCH = "batch"


def rate(line: Line, way: Way, seconds: float) -> float:
    """Messages a second."""
    if line.contestant.name is Name.RAW:
        return _raw(line, way, seconds)
    app = apps.create(line)
    for _ in range(_WARM_UP):
        app.send_task(apps.TICK)
    ways = {Way.SINGLE: _single, Way.THREADS: _threads, Way.BATCH: _batch}
    return ways[way](app, seconds)


def fill(line: Line, messages: int) -> None:
    """Publish so many, as fast as this contestant can."""
    app = apps.create(line)
    with app.producer_pool.acquire(block=True) as producer, producer.batch():
        for _ in range(messages):
            app.send_task(apps.TICK, producer=producer)


def idle(line: Line, tasks: int, notes: Path) -> None:
    """Publish one task after the other, as long as each is run soon."""
    app = apps.create(line)
    for _ in range(tasks):
        before = notes.stat().st_size
        app.send_task(apps.LATE, (time.monotonic(),))
        deadline = time.monotonic() + _IDLE_PATIENCE_SECONDS
        while notes.stat().st_size == before:
            if time.monotonic() > deadline:
                return
            # The latency is noted by the worker; looking more often would take its core.
            time.sleep(0.002)
        # The worker is to be idle when the next one comes: that is what is measured.
        time.sleep(_IDLE_SECONDS)


def _single(app: Celery, seconds: float) -> float:
    return _repeat(lambda: app.send_task(apps.TICK), seconds)


def _threads(app: Celery, seconds: float) -> float:
    rates: list[float] = []

    def publish() -> None:
        app.send_task(apps.TICK)
        barrier.wait()
        rates.append(_single(app, seconds))

    barrier = threading.Barrier(THREADS)
    threads = [threading.Thread(target=publish) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(rates)


def _batch(app: Celery, seconds: float) -> float:
    def publish() -> None:
        with app.producer_pool.acquire(block=True) as producer, producer.batch():
            for _ in range(BATCH):
                app.send_task(apps.TICK, producer=producer)

    return _repeat(publish, seconds) * BATCH


def _raw(line: Line, way: Way, seconds: float) -> float:
    """The size and the guarantees of ours, without Celery and kombu."""
    producer = Producer(
        {"bootstrap.servers": line.contestant.bootstrap, "enable.idempotence": True,
         "acks": "all", "linger.ms": 0}
    )  # fmt: skip
    topic, body, batch = line.queues[0], b"x" * 900, BATCH if way is Way.BATCH else 1
    admin = AdminClient({"bootstrap.servers": line.contestant.bootstrap})
    admin.create_topics([NewTopic(topic, contestants.PARTITIONS)])[topic].result()

    def publish() -> None:
        for _ in range(batch):
            producer.produce(topic, body)
        producer.flush(30)

    publish()
    return _repeat(publish, seconds) * batch


def _repeat(act: Callable[[], object], seconds: float) -> float:
    """How often a second something can be done."""
    began = time.monotonic()
    for done in count(1):
        act()
        if (spent := time.monotonic() - began) >= seconds:
            return done / spent
    raise AssertionError


def main(what: str, *arguments: str) -> None:
    """Do one of the three."""
    line = contestants.read(sys.stdin.read())
    if what == "rate":
        print(rate(line, Way(arguments[0]), float(arguments[1])))
    elif what == "fill":
        fill(line, int(arguments[0]))
    else:
        idle(line, int(arguments[0]), Path(arguments[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
