"""Posting to hosts that users name: where to, for how long, how much, and never onward."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.domain.network import NetworkPolicy
from app.errors import PlatformError
from bridge.notifiers.outgoing import MAX_ANSWER_BYTES, Internet, LaterError
from tests.fakes.target import Answer, Target

HERE = NetworkPolicy(("127.0.0.1",))


def post(url: str, way: Internet | None = None) -> tuple[int, bytes]:
    headers = {"Content-Type": "text/plain"}
    return (way or Internet(HERE)).send("POST", url, headers, b"hello")


def refused(url: str, way: Internet | None = None) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        post(url, way)
    assert "s3cret" not in str(caught.value)
    return caught.value


def test_a_body_arrives_with_its_headers() -> None:
    with Target({"POST /in": Answer(202, b"taken")}) as target:
        assert post(f"{target.url}/in?t=s3cret") == (202, b"taken")
    [asked] = target.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/in?t=s3cret", b"hello")
    assert asked.headers["content-type"] == "text/plain"
    assert asked.headers["content-length"] == "5"
    assert asked.headers["host"] in target.url


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [(400, True), (401, True), (404, True), (410, True), (408, False), (425, False),
     (429, False), (500, False), (503, False), (599, False)],
)  # fmt: skip
def test_a_status_says_whether_trying_again_can_help(status: int, *, is_permanent: bool) -> None:
    with Target({"POST /s3cret": Answer(status)}) as target:
        error = refused(f"{target.url}/s3cret")
    assert error.permanent is is_permanent
    assert f"status {status}" in str(error)


def test_what_a_service_asks_for_is_told_where_it_is_in_seconds() -> None:
    answers = {
        "POST /soon": Answer(429, headers={"Retry-After": "30"}),
        "POST /then": Answer(503, headers={"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}),
        "POST /ever": Answer(503, headers={"Retry-After": "9" * 40}),
        "POST /none": Answer(503),
    }
    with Target(answers) as target:
        errors = [refused(f"{target.url}/{path}") for path in ("soon", "then", "ever", "none")]
    waits = [error.wait for error in errors if isinstance(error, LaterError)]
    assert waits == [dt.timedelta(seconds=30), None, dt.timedelta(seconds=10**8), None]


def test_a_redirect_is_not_followed() -> None:
    with Target({"POST /in": Answer(307, headers={"Location": "/elsewhere"})}) as target:
        error = refused(f"{target.url}/in")
    assert error.permanent
    assert "redirects" in str(error)
    assert len(target.asked) == 1


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"]
)
def test_a_name_that_leads_into_the_own_network_is_refused_before_anything_is_sent(
    address: str,
) -> None:
    way = Internet(NetworkPolicy(), resolve=lambda *_: ["93.184.215.14", address])
    error = refused("https://hooks.test/s3cret", way)
    assert error.permanent
    assert "must not be asked" in str(error)
    assert "TESTOPS_ALLOWED_PRIVATE_HOSTS" in str(error)


def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    def resolve(host: str, port: int, seconds: float) -> list[str]:
        raise OSError("no such name")

    assert not refused("https://hooks.test/s3cret", Internet(HERE, resolve=resolve)).permanent


def test_where_nobody_listens_it_may_be_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert not refused(f"http://127.0.0.1:{port}/s3cret").permanent


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to() -> None:
    with Target() as target:
        error = refused(target.url.replace("http:", "https:") + "/s3cret")
    assert not error.permanent
    assert target.asked == []


@contextmanager
def trickling(first: bytes) -> Iterator[int]:
    """The port of a server that answers the first bytes, and then one now and then."""
    stop = threading.Event()

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(first)
            try:
                while not stop.wait(0.05):
                    connection.sendall(b"x")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield int(server.getsockname()[1])
        stop.set()
        thread.join()


def test_an_answer_that_never_ends_is_given_up_in_time() -> None:
    began = time.monotonic()
    with trickling(b"HTTP/1.1 200 OK\r\nX-Long: ") as port:
        error = refused(f"http://127.0.0.1:{port}/s3cret", Internet(HERE, total_seconds=0.5))
    assert not error.permanent
    assert "within 0.5 seconds" in str(error)
    assert time.monotonic() - began < 10


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    with Target({"POST /in": Answer(200, b"a" * 3 * MAX_ANSWER_BYTES)}) as target:
        assert post(f"{target.url}/in") == (200, b"a" * MAX_ANSWER_BYTES)


def test_an_answer_that_is_no_http_may_be_one_later() -> None:
    with trickling(b"SSH-2.0\r\n\r\n") as port:
        assert not refused(f"http://127.0.0.1:{port}/s3cret").permanent
