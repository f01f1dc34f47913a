"""Connections that are asked for on a descriptor."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpcore
import httpx
import pytest

from testops.dial import GATEWAY, Dial, Transport
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
    with here, there, contextlib.closing(Dial(there.fileno())) as dial:
        here.shutdown(socket.SHUT_WR)
        with pytest.raises(httpcore.ConnectError, match="it is gone"):
            dial.connect_tcp("any", 1)


@pytest.fixture
def handed() -> Iterator[tuple[httpcore.NetworkStream, socket.socket]]:
    """A connection as the client has it, and its other end."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    far, near = socket.socketpair()
    with here, there, far, contextlib.closing(Dial(there.fileno())) as dial:
        with near:
            socket.send_fds(here, [b"given"], [near.fileno()])
        stream = dial.connect_tcp("any", 1)
        yield stream, far
        stream.close()


def test_a_silent_connection_runs_into_its_timeouts(
    handed: tuple[httpcore.NetworkStream, socket.socket],
) -> None:
    stream, _ = handed
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(1, timeout=0.01)
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(b"x" * 10_000_000, timeout=0.01)


def test_a_broken_connection_is_an_error(
    handed: tuple[httpcore.NetworkStream, socket.socket],
) -> None:
    stream, far = handed
    far.close()
    with pytest.raises(httpcore.WriteError):
        stream.write(b"x")


def test_a_connection_knows_only_whether_something_came(
    handed: tuple[httpcore.NetworkStream, socket.socket],
) -> None:
    stream, far = handed
    assert stream.get_extra_info("is_readable") is False
    far.send(b"x")
    assert stream.get_extra_info("is_readable") is True
    assert stream.get_extra_info("ssl_object") is None


def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        exchange = stack.enter_context(Exchange(url))
        client = stack.enter_context(client_of(exchange))
        with pytest.raises(httpx.ReadTimeout, match="gave no answer in time"):
            client.get(GATEWAY, timeout=0.05)
