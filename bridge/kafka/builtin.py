"""librdkafka's built-in broker (rdkafka_mock.h), reached through its C interface.

The Python client offers it too (`test.mock.num.brokers`), but then every first member of a group
waits three seconds and every topic has four partitions. Where the client's library cannot be found
that is what we take.
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import confluent_kafka
from confluent_kafka import Producer

from app.messages.topics import Topic

#: Beside the package, as the wheels for Linux and macOS bring it.
_PLACES: Final = ("../confluent_kafka.libs/librdkafka*", ".dylibs/librdkafka*")
#: Long enough that members started together are assigned together.
_REBALANCE_DELAY_MS: Final = 50
_PRODUCER: Final = 0
_TEXT: Final = 512


class BuiltinBroker:
    """A broker that lives as long as this object."""

    def __init__(
        self, topics: Collection[Topic], logs: Iterable[str] = (), *, package: Path | None = None
    ) -> None:
        library = _library(package or Path(confluent_kafka.__file__).parent)
        if library is None:
            self._holder = Producer({"test.mock.num.brokers": 1, "log_level": 3})
            brokers = self._holder.list_topics(timeout=10).brokers.values()
            self.address = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
        else:
            self.address = _start(library, topics, logs)


def _library(package: Path) -> ctypes.CDLL | None:
    found = [path for place in _PLACES for path in package.glob(place)]
    return ctypes.CDLL(str(found[0])) if found else None


def _start(library: ctypes.CDLL, topics: Collection[Topic], logs: Iterable[str]) -> str:
    cluster = ctypes.c_void_p(_cluster(library))
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(
        cluster, ctypes.c_int32(_REBALANCE_DELAY_MS)
    )
    for topic in topics:
        library.rd_kafka_mock_topic_create(cluster, topic.name.encode(), topic.partitions, 1)
    for name in (*(topic.dead_letter for topic in topics), *logs):
        library.rd_kafka_mock_topic_create(cluster, name.encode(), 1, 1)
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    address: bytes = library.rd_kafka_mock_cluster_bootstraps(cluster)
    return address.decode()


def _cluster(library: ctypes.CDLL) -> int:
    for function in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, function).restype = ctypes.c_void_p
    text = ctypes.create_string_buffer(_TEXT)
    size = ctypes.c_size_t(_TEXT)
    settings = ctypes.c_void_p(library.rd_kafka_conf_new())
    library.rd_kafka_conf_set(settings, b"log_level", b"3", text, size)
    handle = ctypes.c_void_p(library.rd_kafka_new(_PRODUCER, settings, text, size))
    cluster: int = library.rd_kafka_mock_cluster_new(handle, 1)
    return cluster
