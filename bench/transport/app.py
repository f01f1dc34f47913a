"""The Celery application of all contestants, for publishers and workers; options are the same."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from celery import Celery
from kombu import Queue

import bridge.transport
from bench.transport import contestants
from bench.transport.contestants import Line

#: The line, as JSON, and the file that tasks write to.
LINE: Final = "BENCH_LINE"
NOTES: Final = "BENCH_NOTES"

TICK: Final = "bench.tick"
LATE: Final = "bench.late"


def create(line: Line) -> Celery:
    """An application whose tasks count themselves."""
    bridge.transport.register()
    app = Celery("bench", broker=line.contestant.url, set_as_current=False)
    app.conf.update(
        broker_transport_options={**line.contestant.options, **_group(line)},
        broker_connection_retry_on_startup=True,
        # Routed by the default exchange, as Celery does it with queues that it makes by itself.
        task_queues=[Queue(name, routing_key=name) for name in line.queues],
        task_default_queue=line.queues[0],
        task_acks_late=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=16,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
    )
    notes = _Notes(os.environ.get(NOTES, os.devnull))
    app.task(name=TICK)(notes.tick)
    app.task(name=LATE)(notes.late)
    return app


def _group(line: Line) -> dict[str, str]:
    return {"group_id": line.queues[0]} if line.contestant.url.startswith("kafka:") else {}


class _Notes:
    """A file that several processes append to at once; opened in each when first needed."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._file = -1

    def tick(self) -> None:
        """Count one."""
        self._write(b".")

    def late(self, sent: float) -> None:
        """Note the seconds since before the task was published; all processes share the clock."""
        self._write(b"%.6f\n" % (time.monotonic() - sent))

    def _write(self, text: bytes) -> None:
        if self._file < 0:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(self._file, text)


def for_worker() -> Celery:
    """What `celery -A` of a worker finds, from its environment."""
    return create(contestants.read(os.environ[LINE]))
