"""Fixtures of the web application: on a fresh database, with a user and a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import argon2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.factory import create_app
from app.services import tokens, users
from app.settings import Settings
from app.views.database import db

EMAIL = "ada@example.com"
PASSWORD = "a password for tests"


class _CompiledOnce(Rule):
    """A route whose builder of addresses is that of the same route in an earlier application.

    Compiling them is most of what making an application takes, and each test makes one. The
    builder holds nothing of its route: that is its first argument.
    """

    _builders: ClassVar[dict[tuple[str, bool], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - Werkzeug's
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = self.rule, append_unknown
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


@pytest.fixture(scope="session", autouse=True)
def _routes_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "url_rule_class", _CompiledOnce)
        yield


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates as earlier applications have compiled them, by their text."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    """The web application."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = compiled_templates
    made.testing = True
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def user_id(sessions: sessionmaker[Session]) -> str:
    """Somebody who may sign in, with EMAIL and PASSWORD."""
    with sessions.begin() as session:
        return users.create(session, email=EMAIL, password=PASSWORD, name="Ada").id


@dataclass
class Api:
    """A client of REST v1 with a token."""

    client: FlaskClient
    token: str

    def request(self, method: str, path: str, **more: object) -> TestResponse:
        """Send a request; the path is below /api/v1."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)  # type: ignore[arg-type]

    def get(self, path: str, **query: object) -> TestResponse:
        """GET with query parameters."""
        return self.request("GET", path, query_string=query)

    def post(self, path: str, body: object = None) -> TestResponse:
        """POST, with JSON where there is a body."""
        return self.request("POST", path, **({} if body is None else {"json": body}))

    def put(self, path: str, body: object) -> TestResponse:
        """PUT with JSON."""
        return self.request("PUT", path, json=body)


@pytest.fixture
def api(app: Flask, sessions: sessionmaker[Session], user_id: str) -> Api:
    """A client of REST v1 with the token of the user."""
    with sessions.begin() as session:
        plain = tokens.create(session, user_id, name="tests").plain
    return Api(app.test_client(), plain)


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Passwords of tests need no protection: hashing them as in production takes minutes."""
    with pytest.MonkeyPatch.context() as patch:
        hasher = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(users, "_HASHER", hasher)
        yield
