"""HTTP/1.1 between a case's process and the gateway, both ends in this process."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from testops.exchanges import Connection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: t\r\n\r\n"
)


@pytest.fixture
def ends() -> Iterator[tuple[Connection, socket.socket]]:
    """A connection, and the gateway's end of it."""
    near, far = socket.socketpair()
    far.settimeout(30)
    with far:
        connection = Connection(near)
        yield connection, far
        connection.close()


def asked(method: str = "GET", timeout: float = 30, **more: object) -> httpx.Request:
    client = httpx.Client(trust_env=False)
    with client:
        return client.build_request(method, "http://gateway/a%20b?c=d", timeout=timeout, **more)  # type: ignore[arg-type] # httpx's own arguments


def body() -> Iterator[bytes]:
    yield b"one"
    yield b""
    yield b"three"


def test_a_request_is_written_as_it_is(ends: tuple[Connection, socket.socket]) -> None:
    connection, gateway = ends
    gateway.sendall(OK)
    answer = connection.exchange(asked("POST", content=b"body", headers={"X-Odd-CASE": "kept"}))
    head, _, sent = gateway.recv(10_000).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a%20b?c=d HTTP/1.1\r\nHost: gateway\r\n")
    assert b"\r\nX-Odd-CASE: kept\r\n" in head
    assert b"\r\nContent-Length: 4" in head
    assert sent == b"body"
    assert (answer.status_code, answer.reason_phrase, answer.read()) == (200, "OK", b"hi")
    assert connection.is_reusable


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"Content-Length": "8"}, b"onethree"),
        ({}, b"3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"),
    ],
)
def test_a_body_that_comes_in_parts_is_delimited(
    ends: tuple[Connection, socket.socket], headers: dict[str, str], sent: bytes
) -> None:
    connection, gateway = ends
    gateway.sendall(OK)
    connection.exchange(asked("POST", content=body(), headers=headers))
    gateway.shutdown(socket.SHUT_WR)
    connection.close()
    assert b"".join(iter(lambda: gateway.recv(1000), b"")).endswith(b"\r\n\r\n" + sent)


@pytest.mark.parametrize(
    ("method", "answer", "content", "is_reusable"),
    [
        ("GET", b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"hi", True),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"", True),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        ("GET", b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b"", True),
        (
            "GET",
            CHUNKED,
            b"abcd",
            True,
        ),
        ("GET", b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", b"x", False),
    ],
)
def test_an_answer_is_read_to_its_end(
    ends: tuple[Connection, socket.socket],
    method: str,
    answer: bytes,
    content: bytes,
    is_reusable: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    connection, gateway = ends
    gateway.sendall(answer)
    assert connection.exchange(asked(method)).read() == content
    assert connection.is_reusable is is_reusable


def test_an_answer_without_a_length_ends_with_the_connection(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, gateway = ends
    gateway.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")
    gateway.shutdown(socket.SHUT_WR)
    assert connection.exchange(asked()).read() == b"all of it"
    assert not connection.is_reusable


def test_a_connection_that_is_to_close_is_not_used_again(
    ends: tuple[Connection, socket.socket],
) -> None:
    connection, gateway = ends
    gateway.sendall(OK)
    connection.exchange(asked(headers={"Connection": "close"}))
    assert not connection.is_reusable


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (b"", EOFError, "no answer came"),
        (b"HTTP/1.1 200 O", EOFError, "in the middle"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", EOFError, "3 bytes before the end"),
        (b"HTTP/1.1 many OK\r\n\r\n", ValueError, "many"),
    ],
)
def test_what_is_no_answer_is_an_error(
    ends: tuple[Connection, socket.socket],
    answer: bytes,
    error: type[Exception],
    message: str,
) -> None:
    connection, gateway = ends
    gateway.sendall(answer)
    gateway.shutdown(socket.SHUT_WR)
    with pytest.raises(error, match=message):
        connection.exchange(asked())
    assert not connection.is_reusable


def test_a_header_cannot_smuggle_another(ends: tuple[Connection, socket.socket]) -> None:
    connection, gateway = ends
    with pytest.raises(ValueError, match="line break"):
        connection.exchange(asked(headers={"X-A": "b\r\nX-C: d"}))
    gateway.setblocking(False)  # noqa: FBT003 - socket's signature
    with pytest.raises(BlockingIOError):
        gateway.recv(1)


def test_an_answer_to_a_request_that_was_not_read_counts(
    ends: tuple[Connection, socket.socket],
) -> None:
    """A gateway that refuses a large body answers and closes while it is still being sent."""
    connection, gateway = ends
    gateway.sendall(OK)
    gateway.shutdown(socket.SHUT_RD)
    answer = connection.exchange(asked("POST", content=b"x" * 10_000_000))
    assert answer.status_code == 200


def test_silence_is_a_timeout(ends: tuple[Connection, socket.socket]) -> None:
    connection, _ = ends
    with pytest.raises(TimeoutError):
        connection.exchange(asked(timeout=0.01))


def test_a_connection_with_news_is_not_quiet(ends: tuple[Connection, socket.socket]) -> None:
    connection, gateway = ends
    assert connection.is_quiet()
    gateway.send(b"x")
    assert not connection.is_quiet()
