"""Somebody who is signed in and goes through the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import argon2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services import users
from tests.web_fixtures import EMAIL, PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Reader:
    """A browser without scripts: gets pages, and sends forms with the page's token."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, *, htmx: bool = False) -> TestResponse:
        """GET, as the browser or as htmx."""
        answer = self.client.get(path, headers={"HX-Request": "true"} if htmx else {})
        found = _TOKEN.search(answer.text)
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, *, htmx: bool = False, **fields: object) -> TestResponse:
        """Send a form."""
        headers = {"HX-Request": "true"} if htmx else {}
        data = {"csrf_token": self.token, **fields}
        return self.client.post(path, data=data, headers=headers)


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take no time: what they withstand is tested with the service."""
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(users, "_HASHER", quick)


@pytest.fixture
def stranger(quick_passwords: None, app: Flask) -> Reader:
    """A browser of nobody known, on the sign-in page."""
    found = Reader(app.test_client())
    found.get("/sign-in")
    return found


@pytest.fixture
def reader(stranger: Reader, user_id: str) -> Reader:
    """A browser that is signed in."""
    stranger.post("/sign-in", email=EMAIL, password=PASSWORD)
    stranger.get("/")
    return stranger


def words(answer: TestResponse) -> str:
    """What an answer says, without tags, in single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())
