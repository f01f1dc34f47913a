"""The generator's tasks: write the cases of a generation, fetch an API description again."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.messages import topics
from app.services import generations, versions
from app.settings import Settings, read
from bridge import retries
from tasks.app import create
from tasks.base import PlatformTask

app = create("generator")


@app.task(name=topics.Task.WRITE_CASES, base=PlatformTask, shared=False)  # type: ignore[untyped-decorator]  # untyped
def write_cases(generation_id: str) -> None:
    """Write what is not written yet; a second message for the same generation does no harm."""
    with retries.as_unavailable():
        generations.perform(_sessions(), generation_id)


@app.task(name=topics.Task.REFRESH_DESCRIPTION, base=PlatformTask, shared=False)  # type: ignore[untyped-decorator]  # untyped
def refresh_description(api_description_id: str) -> None:
    """Take over a newer version where there is one; a second message finds nothing newer."""
    with retries.as_unavailable():
        versions.refresh(_sessions(), api_description_id, read(Settings))


@cache
def _sessions() -> sessionmaker[Session]:
    """The process's own connection pool, made with the first task."""
    return database.sessions(database.engine_of(read(Settings)))
