from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bridge.transport.address import Address, masked, of, parse
from bridge.transport.errors import OptionError


@dataclass
class Client:
    """Of a kombu Connection what says where the broker is."""

    hostname: str | None = None
    port: int | None = None
    userid: str | None = None
    password: str | Callable[[], str] | None = None
    ssl: object = None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("kafka://one", Address("one:9092")),
        ("kafka://one:1,two:2,[::1]:3/", Address("one:1,two:2,[::1]:3")),
        ("kafka://me@one", Address("one:9092", "me")),
        ("kafka://me:p%40ss@one,two", Address("one:9092,two:9092", "me", "p@ss")),
        ("localhost:9093", Address("localhost:9093")),
    ],
)
def test_a_url_names_brokers_and_user(url: str, expected: Address) -> None:
    assert parse(url) == expected
    assert of(Client(url)) == expected


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (Client(), Address("localhost:9092")),
        (Client("one", 9093, "me", "secret"), Address("one:9093", "me", "secret")),
        (Client("one:1,two:2", None, "me", lambda: "fresh"), Address("one:1,two:2", "me", "fresh")),
        (Client("kafka://me:mine@one", 9093, "you", "yours"), Address("one:9092", "me", "mine")),
    ],
)
def test_a_url_that_kombu_has_taken_apart_is_put_together(
    client: Client, expected: Address
) -> None:
    assert of(client) == expected


def test_use_ssl_goes_to_the_brokers_over_tls() -> None:
    assert parse("kafka://one").security_protocol == "PLAINTEXT"
    assert parse("kafka://me@one").security_protocol == "SASL_SSL"
    address = of(Client("kafka://one", ssl={"ca_certs": "/ca", "password": "secret"}))
    assert address.security_protocol == "SSL"
    assert address.tls == {"ssl.ca.location": "/ca", "ssl.key.password": "secret"}
    assert "secret" not in repr(address)


@pytest.mark.parametrize("url", ["kafka://", "kafka://me:secret@one:x", "kafka://one,,two"])
def test_a_wrong_url_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(OptionError, match=r"is wrong at") as caught:
        parse(url)
    assert "secret" not in str(caught.value)


def test_the_password_is_masked() -> None:
    assert masked("kafka://me:secret@one,two") == "kafka://me:**@one,two"
    assert masked("kafka://one,two") == "kafka://one,two"
    assert masked("kafka://a:x@one;kafka://b:y@two") == "kafka://a:**@one;kafka://b:**@two"
    assert "secret" not in repr(parse("kafka://me:secret@one"))
