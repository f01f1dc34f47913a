import pytest

from app.domain import network
from app.domain.network import NetworkPolicy


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"])
def test_the_public_internet_may_be_asked(address: str) -> None:
    assert network.objection(address, allow_private=False) == ""


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
    assert network.objection(address, allow_private=False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "169.254.1.1", "fe80::1", "fc00::1"]
)
def test_private_addresses_can_be_allowed(address: str) -> None:
    assert network.objection(address, allow_private=True) == ""


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200"],
)
def test_metadata_services_are_not_allowed_along_with_them(address: str) -> None:
    assert "metadata" in network.objection(address, allow_private=True)


@pytest.mark.parametrize(
    "address",
    ["224.0.0.1", "239.1.1.1", "ff02::1", "0.0.0.0", "::"],  # noqa: S104 - nothing is bound
)
def test_what_is_no_machine_is_never_allowed(address: str) -> None:
    assert "no address of one machine" in network.objection(address, allow_private=True)


def test_shared_space_is_no_private_network() -> None:
    assert network.objection("100.64.0.1", allow_private=True)


def test_a_named_host_may_be_asked_wherever_it_leads() -> None:
    policy = NetworkPolicy(("inside.test", "other.test:8080"))
    assert policy.objection("inside.test", 1, "10.0.0.1") == ""
    assert policy.objection("other.test", 8080, "10.0.0.1") == ""
    assert "public Internet" in policy.objection("other.test", 80, "10.0.0.1")
    assert policy.objection("other.test", 80, "8.8.8.8") == ""
