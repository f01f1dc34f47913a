import socket
import threading

import pytest

from app.openapi import addresses


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_the_public_internet_may_be_asked(address: str) -> None:
    assert addresses.objection(address, allow_private=False) == ""


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "169.254.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_what_is_not_public_must_not(address: str) -> None:
    assert addresses.objection(address, allow_private=False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "169.254.1.1", "fe80::1", "fc00::1"]
)
def test_private_addresses_can_be_allowed(address: str) -> None:
    assert addresses.objection(address, allow_private=True) == ""


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200"],
)
def test_metadata_services_are_not_allowed_along_with_them(address: str) -> None:
    assert "metadata" in addresses.objection(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    ["224.0.0.1", "239.1.1.1", "ff02::1", "0.0.0.0", "::"],  # noqa: S104 - nothing is bound
)
def test_what_is_no_machine_is_never_allowed(address: str) -> None:
    assert "no address of one machine" in addresses.objection(address, allow_private=True)


def test_shared_space_is_no_private_network() -> None:
    assert addresses.objection("100.64.0.1", allow_private=True)


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
