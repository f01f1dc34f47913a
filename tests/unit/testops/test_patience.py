from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from testops import Api
from testops.contract import Contract
from testops.environment import Environment
from testops.errors import TargetError

DOCUMENT = {
    "contract": 1,
    "operations": {"GET /drip": {"pointer": "#/paths/~1drip/get", "responses": {}}},
    "schemas": {},
}


@pytest.fixture
def dripping() -> Iterator[str]:
    """The base URL of an API whose one answer comes by bytes and never ends."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            line, _ = listener.accept()
            with line, contextlib.suppress(OSError):
                line.recv(65536)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not over.wait(0.02):
                    line.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join()


def test_an_answer_that_trickles_ends(dripping: str) -> None:
    api = Api(Environment(dripping), Contract(DOCUMENT), "GET /drip")

    with pytest.raises(TargetError, match=r"GET .*/drip got no answer: it did not end in time"):
        api.get("/drip", timeout=0.3)
    api.close()
