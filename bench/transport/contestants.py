"""Who is compared: a broker, and the transport of kombu that leads to it."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Name(StrEnum):
    """The contestants, as tables name them."""

    EMBEDDED = "this, embedded"
    KAFKA = "this, Kafka"
    #: Publishing returns before it is confirmed, as Redis' and RabbitMQ's does by default.
    AHEAD = "this, ahead"
    KOMBU = "kombu's Kafka"
    REDIS = "Redis"
    RABBITMQ = "RabbitMQ"
    #: RabbitMQ says of each message that it has it, as ours always do; Celery's default is not to.
    CONFIRMED = "RabbitMQ, confirmed"
    MEMORY = "memory://"
    #: confluent-kafka without Celery and kombu.
    RAW = "raw confluent-kafka"


PARTITIONS: Final = 6


@dataclass(frozen=True, slots=True)
class Contestant:
    """How to reach a broker."""

    name: Name
    url: str
    options: Mapping[str, object] = field(default_factory=dict)
    #: Whether kombu's `Producer.batch()` does anything there.
    has_batch: bool = False
    #: Where the raw client finds the broker.
    bootstrap: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What the processes of one measurement share: a broker and queues of their own."""

    contestant: Contestant
    #: The first is the one that is used.
    queues: tuple[str, ...]

    def to_json(self) -> str:
        """As a child process reads it."""
        return json.dumps(dataclasses.asdict(self))


def line(contestant: Contestant, queues: int = 1) -> Line:
    """Fresh queues: nothing is left of an earlier measurement."""
    name = f"b{uuid.uuid4().hex[:10]}"
    return Line(contestant, tuple(f"{name}-{number}" for number in range(queues)))


def read(text: str) -> Line:
    """What `Line.to_json` has written."""
    given = json.loads(text)
    whom = given["contestant"]
    return Line(Contestant(**{**whom, "name": Name(whom["name"])}), tuple(given["queues"]))


def ours(name: Name, address: str, creation: str) -> Contestant:
    """This transport on a broker."""
    options = {"topic_creation": creation, "partitions": PARTITIONS, "session_timeout": 6.0}
    return Contestant(name, f"kafka://{address}", options, has_batch=True, bootstrap=address)


def ahead(address: str) -> Contestant:
    """The same with messages that may be on their way."""
    plain = ours(Name.AHEAD, address, "create")
    return dataclasses.replace(plain, options={**plain.options, "publish_ahead": 1000})


def kombus(address: str) -> Contestant:
    """The Kafka transport that comes with kombu."""
    return Contestant(
        Name.KOMBU, f"confluentkafka://{address}", {"num_partitions": PARTITIONS},
        bootstrap=address,
    )  # fmt: skip


def redis(address: str) -> Contestant:
    """Kombu's Redis transport."""
    return Contestant(Name.REDIS, f"redis://{address}/0", has_batch=True)


def rabbitmq(address: str) -> Contestant:
    """Kombu's RabbitMQ transport."""
    return Contestant(Name.RABBITMQ, f"pyamqp://guest:guest@{address}//")


def confirmed(address: str) -> Contestant:
    """The same with publisher confirms."""
    plain = rabbitmq(address)
    return dataclasses.replace(plain, name=Name.CONFIRMED, options={"confirm_publish": True})


MEMORY: Final = Contestant(Name.MEMORY, "memory://")


def raw(address: str) -> Contestant:
    """What the client library can do by itself."""
    return Contestant(Name.RAW, "", bootstrap=address, has_batch=True)
