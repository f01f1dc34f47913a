"""A look at what lies on a topic."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, Message, TopicPartition


def read_all(brokers: str, topic: str, count: int) -> list[Message]:
    """Wait for so many records and return all there are."""
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": f"{topic}-look", "fetch.wait.max.ms": 10}
    )
    found: list[Message] = []
    deadline = time.monotonic() + 15
    while topic not in (topics := consumer.list_topics(timeout=10).topics):
        assert time.monotonic() < deadline
    consumer.assign([TopicPartition(topic, part, 0) for part in topics[topic].partitions])
    while len(found) < count:
        assert time.monotonic() < deadline, found
        found += consumer.consume(100, 0.05)
    consumer.close()
    return found
