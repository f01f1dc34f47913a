import socket
import threading

import pytest

from app.openapi import addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f000001", "2130706433", "127.1", "localhost"])
def test_every_spelling_comes_out_as_the_address_it_means(host: str) -> None:
    assert "127.0.0.1" in addresses.resolve(host, 80, 5)


def test_a_host_without_address_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(OSError, match="idna"):
        addresses.resolve("a" * 300, 80, 5)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(OSError, match="not known"):
        addresses.resolve("no-such-host.invalid", 80, 5)


def test_a_slow_resolver_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def slow(*_: object, **__: object) -> list[object]:
        released.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    try:
        with pytest.raises(TimeoutError, match="in time"):
            addresses.resolve("slow.test", 80, 0.01)
    finally:
        released.set()
