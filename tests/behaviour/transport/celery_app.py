"""A tiny Celery application; files say what its tasks did and let them go on."""

from __future__ import annotations

import functools
import json
import os
import signal
import time
from pathlib import Path

from celery import Celery, Task, signals
from celery.exceptions import Reject
from celery.worker.request import Request

import bridge.transport

bridge.transport.register()

app = Celery("behaviour")
app.conf.update(
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_ignore_result=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
)
app.conf.update(json.loads(os.environ["CELERY_BEHAVIOUR"]))


@signals.task_received.connect  # type: ignore[untyped-decorator]  # celery is untyped
def note_received(request: Request, **_rest: object) -> None:
    """Append `received` where a waiting task asks for it by a header."""
    if request.message.headers.get("note_received"):
        note(request.args[0], f"{request.args[1]} received")


@app.task(name="note")  # type: ignore[untyped-decorator]  # celery is untyped
def note(file: str, text: str) -> None:
    """Append a line."""
    with Path(file).open("a") as notes:
        notes.write(text + "\n")


@app.task(name="wait")  # type: ignore[untyped-decorator]  # celery is untyped
def wait(file: str, text: str, until: str) -> None:
    """Append `began`, wait for the file `until`, append `ended`."""
    note(file, f"{text} began")
    while not Path(until).exists():
        time.sleep(0.01)
    note(file, f"{text} ended")


@app.task(name="ran")  # type: ignore[untyped-decorator]  # celery is untyped
def ran(folder: str, text: str) -> None:
    """Append a text and the time to a file of this process: one system call, so it stays cheap."""
    os.write(_notebook(folder, os.getpid()), f"{text} {time.time():.3f}\n".encode())


@functools.cache
def _notebook(folder: str, process: int) -> int:
    path = Path(folder, f"ran-{os.environ['WORKER_NUMBER']}-{process}")
    return os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)


@app.task(name="when")  # type: ignore[untyped-decorator]  # celery is untyped
def when(file: str, text: str) -> None:
    """Append a text and the time."""
    note(file, f"{text} {time.time()}")


@app.task(name="fail once", bind=True)  # type: ignore[untyped-decorator]  # celery is untyped
def fail_once(task: Task, file: str) -> None:
    """Append `failed` and ask for another attempt, which appends `succeeded`."""
    if task.request.retries:
        note(file, "succeeded")
    else:
        note(file, "failed")
        raise task.retry(countdown=3)


@app.task(name="refuse", acks_on_failure_or_timeout=False)  # type: ignore[untyped-decorator]  # celery is untyped
def refuse(file: str, text: str, until: str, how: str) -> None:
    """Append a text; give the message back, put it aside or fail until the file is there."""
    note(file, text)
    if not Path(until).exists():
        raise {
            "requeue": Reject("not now", requeue=True),
            "reject": Reject("never"),
            "fail": ValueError("failed"),
        }[how]


@app.task(name="die")  # type: ignore[untyped-decorator]  # celery is untyped
def die(file: str, text: str) -> None:
    """Append a text and kill the own process."""
    note(file, text)
    os.kill(os.getpid(), signal.SIGKILL)
