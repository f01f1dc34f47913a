import itertools
from collections.abc import Callable, Iterator

import pytest
from kombu.utils.url import parse_url

from bridge.transport import failover


class Client:
    """Of a kombu Connection what knows of other URLs."""

    def __init__(self, *urls: str) -> None:
        self.alt = list(urls)
        self.cycle: Iterator[str] | None = None
        self.failover_strategy: Callable[[list[str]], Iterator[str]] = itertools.cycle


@pytest.mark.parametrize(
    ("url", "hosts", "user", "password"),
    [
        ("kafka://one", "one", None, None),
        ("kafka://one:1,two:2/", "one:1,two:2", None, None),
        ("kafka://me:p%40ss@one:1,two", "one:1,two", "me", "p@ss"),
        ("kafka://[::1]:3,two:4", "[::1]:3,two:4", None, None),
    ],
)
def test_kombu_can_take_the_url_of_several_hosts_apart(
    url: str, hosts: str, user: str | None, password: str | None
) -> None:
    parts = parse_url(failover.switchable(url))
    assert (parts["hostname"], parts["userid"], parts["password"]) == (hosts, user, password)
    assert parts["port"] is None


def test_urls_are_prepared_once_and_the_first_one_is_in_use() -> None:
    client = Client("kafka://one:1,two:2", "kafka://three")
    failover.prepare(client)
    assert client.alt == ["kafka://one%3A1%2Ctwo%3A2", "kafka://three"]
    assert client.cycle is not None
    assert next(client.cycle) == "kafka://three"

    prepared = client.cycle
    failover.prepare(client)
    assert client.cycle is prepared


def test_a_connection_with_one_url_is_left_alone() -> None:
    client = Client()
    failover.prepare(client)
    assert client.cycle is None
