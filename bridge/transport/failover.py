"""Several URLs (`kafka://one:9092,two:9092;kafka://other:9092`), each of a cluster of its own.

The brokers of one URL are one cluster, among which librdkafka finds its way by itself. To the next
URL it is kombu that goes, but it takes URLs apart as if each named one host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol
from urllib.parse import quote, unquote


class Client(Protocol):
    """What a kombu Connection knows of other URLs."""

    alt: list[str]
    cycle: Iterator[str] | None
    failover_strategy: Callable[[list[str]], Iterator[str]]


def prepare(client: Client) -> None:
    """Write a connection's other URLs so that kombu can go on to them."""
    urls = [switchable(url) for url in client.alt]
    if urls != client.alt:
        client.alt[:] = urls
        client.cycle = client.failover_strategy(client.alt)
        # As kombu does: the first one is in use.
        next(client.cycle)


def switchable(url: str) -> str:
    """The URL with its hosts and ports as one quoted host."""
    scheme, mark, rest = url.partition("://")
    user, sign, hosts = rest.rpartition("@")
    return f"{scheme}{mark}{user}{sign}{quote(unquote(hosts.rstrip('/')), safe='')}"
