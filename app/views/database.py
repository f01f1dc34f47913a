"""What a view needs of the application: a transaction, and the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from app.settings import Settings

#: Gives each request its session and takes it back; the models do not know of it.
db = SQLAlchemy(session_options={"expire_on_commit": False}, add_models_to_shell=False)


@contextmanager
def transaction() -> Iterator[Session]:
    """The request's session: committed at the end, rolled back where an error leaves the block."""
    session = cast("Session", db.session())
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def settings() -> Settings:
    """The settings that the application was made with."""
    found: Settings = current_app.extensions["testops"]
    return found
