from __future__ import annotations

import socket

import pytest

from app.errors import InvalidInputError, TargetError
from local import probing


def test_a_target_that_listens_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        probing.probe(f"http://127.0.0.1:{server.getsockname()[1]}/v1")


def test_a_target_that_does_not_listen_is_an_error() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(TargetError, match="cannot be reached"):
            probing.probe(f"http://127.0.0.1:{closed.getsockname()[1]}")


def test_a_host_that_is_no_name_is_an_error() -> None:
    with pytest.raises(TargetError, match="cannot be reached"):
        probing.probe(f"http://{'a' * 64}.test")


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        probing.probe("localhost:80")
