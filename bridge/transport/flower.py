"""Shows Kafka's queues on Flower's broker page, which knows Redis and RabbitMQ only.

# flowerconfig.py
from bridge.transport import flower
flower.register()
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flower.utils.broker import Broker

from bridge.transport import sizes

_SCHEME: Final = "kafka"

#: Consumer groups of queues that another group reads than that of Flower's own application.
_groups: dict[str, str] = {}
_flowers_own: Final = Broker.__new__


class Queues:
    """What Flower asks about queues."""

    def __init__(
        self,
        broker_url: str,
        *_arguments: object,
        broker_options: Mapping[str, Any] | None = None,
        broker_use_ssl: object = None,
        **_options: object,
    ) -> None:
        self._url = broker_url
        self._options = broker_options or {}
        self._use_ssl = broker_use_ssl

    async def queues(self, names: Collection[str]) -> list[dict[str, str | int]]:
        """How many messages of each queue are not finished; raises BrokerError."""
        found = await asyncio.get_running_loop().run_in_executor(None, self._read, list(names))
        return [{"name": name, "messages": found[name]} for name in names]

    def _read(self, names: Collection[str]) -> dict[str, int]:
        by_group = defaultdict(list)
        for name in names:
            by_group[_groups.get(name, self._options.get("group_id"))].append(name)
        found: dict[str, int] = {}
        for group, queues in by_group.items():
            options = {**self._options, **({"group_id": group} if group else {})}
            read = sizes.read(self._url, options, queues, use_ssl=self._use_ssl)
            found |= {name: size.waiting for name, size in read.items()}
        return found


def register(groups: Mapping[str, str] | None = None) -> None:
    """Let Flower show queues of `kafka://` brokers.

    `groups` names the consumer groups (the transport option `group_id`) of the workers' queues
    where they are not that of the application that Flower runs with.
    """
    _groups.update(groups or {})
    Broker.__new__ = staticmethod(_made)


def _made(kind: type[Broker], broker_url: str, *arguments: object, **options: Any) -> object:  # noqa: ANN401 - Flower is untyped
    if urlsplit(broker_url).scheme == _SCHEME:
        return Queues(broker_url, *arguments, **options)
    return _flowers_own(kind, broker_url, *arguments, **options)
