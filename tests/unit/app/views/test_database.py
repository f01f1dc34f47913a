from contextlib import suppress

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from app.services import users
from app.settings import Settings
from app.views import database

EMAIL = "ada@example.com"
PASSWORD = "a password for tests"


def test_a_transaction_is_committed_at_its_end(app: Flask, sessions: sessionmaker[Session]) -> None:
    with app.app_context(), database.transaction() as session:
        users.create(session, email=EMAIL, password=PASSWORD)
    with sessions() as other:
        assert users.count(other) == 1


def test_a_transaction_that_breaks_leaves_nothing(
    app: Flask, sessions: sessionmaker[Session]
) -> None:
    with app.app_context():
        with suppress(KeyError), database.transaction() as session:
            users.create(session, email=EMAIL, password=PASSWORD)
            raise KeyError
        with database.transaction() as session:
            assert users.count(session) == 0


def test_views_know_the_settings(app: Flask, settings: Settings) -> None:
    with app.app_context():
        assert database.settings() is settings
