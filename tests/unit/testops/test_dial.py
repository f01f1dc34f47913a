"""Connections that are asked for on a descriptor."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

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
        with pytest.raises(httpx.ConnectError, match="it is gone"):
            dial.connect()


def test_a_kept_connection_that_has_ended_is_not_used() -> None:
    """Nor is one on which something else than an answer came; what follows finds a new one."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with here, there, httpx.Client(transport=Transport(there.fileno())) as client:
        first, second = handed_out(here), handed_out(here)
        first.sendall(answer)
        assert client.get(GATEWAY).status_code == 200
        first.close()
        second.sendall(answer)
        assert client.get(GATEWAY).status_code == 200
        second.close()


def test_an_answer_that_is_none_is_an_error() -> None:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    transport = Transport(there.fileno())
    with here, there, httpx.Client(transport=transport) as client, handed_out(here) as gateway:
        gateway.sendall(b"hello\r\n")
        with pytest.raises(httpx.TransportError, match="the gateway gave no answer"):
            client.get(GATEWAY)


def handed_out(line: socket.socket) -> socket.socket:
    """A gateway's end; the other lies ready for whoever asks next."""
    far, near = socket.socketpair()
    with near:
        socket.send_fds(line, [b"given"], [near.fileno()])
    return far


def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        exchange = stack.enter_context(Exchange(url))
        client = stack.enter_context(client_of(exchange))
        with pytest.raises(httpx.ReadTimeout, match="gave no answer in time"):
            client.get(GATEWAY, timeout=0.05)
