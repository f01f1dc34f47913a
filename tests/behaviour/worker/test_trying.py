"""A module is tried in the cage against an API whose every answer is wrong."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from worker import trying
from worker.engine import Engine
from worker.trying import STATUS, Nonsense, Verdicts

CONTRACT = """{"contract": 1, "title": "X", "schemas": {}, "inputs": {}, "operations": {
    "GET /x": {"pointer": "#/x", "responses": {"200": {"pointer": "#/y", "content": {},
    "headers": {}}}}}}"""
TOP = 'from testops import Api, created\n\nOPERATION = "GET /x"\n\n\n'


def tried(engine: Engine, body: str, top: str = TOP) -> Verdicts:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    script = f"{top}def test_x(api: Api) -> None:\n{lines}\n"
    with Nonsense() as nonsense:
        return trying.tried(engine, nonsense.url, "test_x.py", script, CONTRACT)


@pytest.mark.parametrize(
    "body",
    [
        'assert api.get("/x").status == 200',
        'assert api.request("HEAD", "/x").status == 404',
        'assert created(api, "/x", "/id", json={"long": "x" * 100_000})',
    ],
    ids=["get", "head", "a large body"],
)
def test_a_check_that_fails_is_as_it_should_be(sdk_engine: Engine, body: str) -> None:
    assert tried(sdk_engine, body) == Verdicts()


def test_a_check_that_passes_cannot_fail(sdk_engine: Engine) -> None:
    found = tried(sdk_engine, 'assert api.get("/x").status < 600')
    assert found.broken == ""
    assert found.problems["test_x"].startswith("It passes against an API that answers every")


def test_a_check_that_breaks_says_how(sdk_engine: Engine) -> None:
    found = tried(sdk_engine, 'assert api.get("/x").json() == 1')
    assert "JSONDecodeError" in found.problems["test_x"]


def test_a_module_that_cannot_be_collected_says_why(sdk_engine: Engine) -> None:
    found = tried(sdk_engine, "pass", top="import no_such_module\n")
    assert "no_such_module" in found.broken


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n", f"{STATUS} ".encode()),
    ],
    ids=["nothing", "nonsense", "no body"],
)
def test_whatever_is_sent_is_answered_at_once(sent: bytes, answer: bytes) -> None:
    with Nonsense() as nonsense:
        place = urlsplit(nonsense.url)
        with socket.create_connection((str(place.hostname), place.port or 0)) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as stream:
                assert answer in stream.read()
