"""Connections that are asked for on a descriptor."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from testops import dial
from testops.dial import GATEWAY, Transport
from tests.fakes.exchange import Exchange
from tests.fakes.target import Answer, Target


@pytest.fixture
def target() -> Iterator[Target]:
    with Target({"GET /pets": Answer(200, b"[1]", {"X-A": "b"})}) as running:
        yield running


def client_of(exchange: Exchange) -> httpx.Client:
    return httpx.Client(transport=Transport(exchange.descriptor), trust_env=False, timeout=30)


def test_a_connection_is_kept_for_the_next_request(target: Target) -> None:
    with Exchange(target.url) as exchange, client_of(exchange) as client:
        answers = [client.get(f"{GATEWAY}/pets") for _ in range(3)]

    assert [(each.status_code, each.text) for each in answers] == [(200, "[1]")] * 3
    assert answers[0].headers["x-a"] == "b"
    assert answers[0].reason_phrase == "OK"
    assert exchange.asked == 1


def test_threads_have_connections_of_their_own(target: Target) -> None:
    """Each waits until all have one, so that one connection would never do."""
    together = threading.Barrier(8, timeout=30)
    statuses: list[int] = []

    def body() -> Iterator[bytes]:
        yield b"first"
        together.wait()
        yield b"last"

    with Exchange(target.url) as exchange, client_of(exchange) as client:

        def ask() -> None:
            headers = {"Content-Length": "9"}
            answer = client.post(f"{GATEWAY}/pets", content=body(), headers=headers)
            statuses.append(answer.status_code)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert statuses == [404] * 8
    assert exchange.asked == 8


def test_a_connection_that_was_closed_is_replaced(target: Target) -> None:
    """The target closes after "Connection: close" was answered; the client asks for another."""
    with Exchange(target.url) as exchange, client_of(exchange) as client:
        client.get(f"{GATEWAY}/pets", headers={"Connection": "close"})
        client.get(f"{GATEWAY}/pets")

    assert exchange.asked == 2


def test_a_refusal_says_why() -> None:
    with (
        Exchange(refusal=b"64 connections are open already") as exchange,
        client_of(exchange) as client,
        pytest.raises(httpx.TransportError, match="64 connections are open already"),
    ):
        client.get(GATEWAY)


def test_a_gateway_that_is_gone_is_an_error() -> None:
    with Exchange() as exchange, client_of(exchange) as client:
        exchange.leave()
        with pytest.raises(httpx.TransportError, match="does not answer"):
            client.get(GATEWAY)


def test_a_gateway_that_leaves_without_a_word_is_an_error() -> None:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with here, there:
        here.shutdown(socket.SHUT_WR)
        with pytest.raises(httpx.ConnectError, match="it is gone"):
            dial.asked(there)


@contextlib.contextmanager
def handing(*said: bytes) -> Iterator[tuple[httpx.Client, list[socket.socket]]]:
    """A client, and the far ends of its connections, each of which has said something already."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    far: list[socket.socket] = []
    with contextlib.ExitStack() as stack:
        for each in (here, there):
            stack.enter_context(each)
        for words in said:
            ours, theirs = socket.socketpair()
            far.append(stack.enter_context(ours))
            ours.sendall(words)
            with theirs:
                socket.send_fds(here, [b"given"], [theirs.fileno()])
        yield stack.enter_context(dial.Client(there.fileno())), far


ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    with handing(ANSWER, ANSWER) as (client, far):
        assert client.get(GATEWAY).status_code == 204
        far[0].close()
        assert client.get(GATEWAY).status_code == 204
        assert far[1].recv(1000).startswith(b"GET / HTTP/1.1\r\nHost: gateway\r\n")


def test_what_is_said_before_the_answer_is_left_aside() -> None:
    with handing(b"HTTP/1.1 103 Early Hints\r\n\r\n" + ANSWER) as (client, _):
        assert client.get(GATEWAY, timeout=None).status_code == 204


def test_who_answers_and_leaves_before_all_was_sent_is_heard() -> None:
    """As a gateway does that refuses a long body."""
    with handing(b"HTTP/1.1 413 Too Long\r\nContent-Length: 0\r\n\r\n") as (client, far):
        far[0].shutdown(socket.SHUT_RD)
        assert client.post(GATEWAY, content=b"x" * 10_000_000).status_code == 413


def test_a_connection_that_breaks_is_an_error() -> None:
    with handing(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12") as (client, far):
        far[0].shutdown(socket.SHUT_WR)
        with pytest.raises(httpx.TransportError, match="peer closed connection"):
            client.get(GATEWAY)


def test_a_request_that_nobody_reads_is_a_timeout() -> None:
    with (
        handing(b"") as (client, _),
        pytest.raises(httpx.ReadTimeout, match="gave no answer in time"),
    ):
        client.post(GATEWAY, content=b"x" * 10_000_000, timeout=0.01)


def test_a_request_waits_for_a_connection_as_long_as_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dial, "_CONNECTIONS", 1)
    with handing(ANSWER) as (client, _):

        def body() -> Iterator[bytes]:
            """Asks while it is sent itself."""
            with pytest.raises(httpx.PoolTimeout, match="All 1 connections"):
                client.get(GATEWAY, timeout=0.01)
            yield b"x"

        assert client.post(GATEWAY, content=body()).status_code == 204


def test_a_redirect_is_an_answer_and_a_cookie_is_not_kept() -> None:
    words = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    with handing(words) as (client, _):
        answer = client.get(f"{GATEWAY}/a")
        assert (answer.status_code, str(answer.url), dict(client.cookies)) == (
            302,
            f"{GATEWAY}/a",
            {},
        )


def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        exchange = stack.enter_context(Exchange(url))
        client = stack.enter_context(client_of(exchange))
        with pytest.raises(httpx.ReadTimeout, match="gave no answer in time"):
            client.get(GATEWAY, timeout=0.05)
