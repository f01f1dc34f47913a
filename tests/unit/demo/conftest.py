"""A demo with no fault, and a way to get one with faults."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from demo import switches
from demo.application import create_app

Faulty = Callable[[str], FlaskClient]


def opened(setting: str) -> FlaskClient:
    """A client of a fresh demo on a fixed day."""
    app = create_app(switches.chosen(setting), lambda: dt.date(2026, 5, 4))
    return app.test_client()


@pytest.fixture
def api() -> FlaskClient:
    return opened("none")


@pytest.fixture
def faulty() -> Faulty:
    return opened
