"""The generator's tasks: write the cases of a generation, fetch an API description again."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import cache

from celery import signals
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.messages import topics
from app.services import versions
from app.services.assistance import performing
from app.settings import Settings, read
from bridge import retries
from tasks.app import create
from tasks.base import PlatformTask

app = create("generator")


@app.task(name=topics.Task.WRITE_CASES, base=PlatformTask, shared=False)  # type: ignore[untyped-decorator]  # untyped
def write_cases(generation_id: str) -> None:
    """Write what is not written yet; a second message for the same generation does no harm."""
    with retries.as_unavailable():
        performing.perform(_sessions(), generation_id, _assistant, _leaving.is_set)


@app.task(name=topics.Task.REFRESH_DESCRIPTION, base=PlatformTask, shared=False)  # type: ignore[untyped-decorator]  # untyped
def refresh_description(api_description_id: str) -> None:
    """Take over a newer version where there is one; a second message finds nothing newer."""
    with retries.as_unavailable():
        versions.refresh(_sessions(), api_description_id, read(Settings))


def _assistant() -> performing.Assistant:
    with _making:
        return _made()


@cache
def _made() -> performing.Assistant:
    # Only who has models asked waits for the vendors' libraries.
    from tasks import assistance  # noqa: PLC0415 - they take seconds to load

    made = assistance.made(read(Settings), _sessions(), _leaving.wait)
    _owned.callback(made.trial.close)
    return made


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _leave(**_: object) -> None:
    """Ask no further question: an operation may take minutes, and nobody waits so long."""
    _leaving.set()


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _close(**_: object) -> None:
    """End the cage: its threads would keep the process from ending."""
    _owned.close()


#: Set once this process has been asked to end.
_leaving = threading.Event()
_owned = ExitStack()
_making = threading.Lock()


@cache
def _sessions() -> sessionmaker[Session]:
    """The process's own connection pool, made with the first task."""
    return database.sessions(database.engine_of(read(Settings)))
