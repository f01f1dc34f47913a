import socket
import ssl
from collections.abc import Iterator

import httpcore
import pytest

from app.openapi.connecting import DeadlineBackend, DeadlineStream


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def backend(addresses: list[str], *, seconds: float = 5) -> DeadlineBackend:
    return DeadlineBackend(addresses=lambda _host, _port: addresses, seconds_left=lambda: seconds)


def test_the_first_address_that_accepts_is_used(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    stream = backend(["127.0.0.2", "127.0.0.1"]).connect_tcp("any.test", port)
    peer, _ = listener.accept()
    with peer:
        stream.write(b"ping")
        assert peer.recv(4) == b"ping"
        peer.sendall(b"pong")
        assert stream.read(4) == b"pong"
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
    stream.close()


def test_without_address_or_answer_there_is_no_connection() -> None:
    with pytest.raises(httpcore.ConnectError, match="no address"):
        backend([]).connect_tcp("any.test", 80)
    with pytest.raises(httpcore.ConnectError, match="refused"):
        backend(["127.0.0.1"]).connect_tcp("any.test", closed_port())


def test_after_the_deadline_nothing_is_begun() -> None:
    with pytest.raises(httpcore.ConnectTimeout):
        backend(["127.0.0.1"], seconds=0).connect_tcp("any.test", 80)
    stream = DeadlineStream(httpcore.MockStream([b"data"]), lambda: -1)
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(10)
    with pytest.raises(httpcore.WriteTimeout):
        stream.write(b"data")
    with pytest.raises(httpcore.ConnectTimeout):
        stream.start_tls(ssl.create_default_context(), "any.test")


def test_a_silent_peer_is_given_what_is_left(listener: socket.socket) -> None:
    stream = backend(["127.0.0.1"], seconds=0.05).connect_tcp("a.test", listener.getsockname()[1])
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(10, timeout=60)
    stream.close()


def test_tls_keeps_the_deadline() -> None:
    left = [5.0]
    stream = DeadlineStream(httpcore.MockStream([b"data"]), lambda: left[0])
    secured = stream.start_tls(ssl.create_default_context(), "any.test")
    assert secured.read(10) == b"data"
    left[0] = 0
    with pytest.raises(httpcore.ReadTimeout):
        secured.read(10)


def test_waiting_is_waiting() -> None:
    backend([]).sleep(0)
