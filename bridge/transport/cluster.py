"""Questions and orders to a Kafka cluster for which one need not be a member of a group.

What goes wrong is one error that names the brokers, what was asked, why it failed and what to do.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Final, Self, TypeVar

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewTopic

from bridge.transport import clients, trouble
from bridge.transport.address import Address
from bridge.transport.errors import BrokerError
from bridge.transport.ledger import Commit, Place
from bridge.transport.options import Config, Options

Answer = TypeVar("Answer")

# Their makers are without types.
_EARLIEST: Final[OffsetSpec] = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: Final[OffsetSpec] = OffsetSpec.latest()  # type: ignore[no-untyped-call]
#: The broker has no such administration, as the embedded one.
_UNSUPPORTED: Final = KafkaError._UNSUPPORTED_FEATURE  # noqa: SLF001 - its public name
#: What a group with members says to somebody else's commit.
_HAS_MEMBERS: Final = KafkaError.UNKNOWN_MEMBER_ID
#: What a broker says that is not, or not yet, responsible for a group.
_COORDINATOR_MOVES: Final = frozenset(
    [
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    ]
)
#: Between two questions to a coordinator that is not there yet.
_AGAIN_SECONDS: Final = 0.1


class Cluster:
    """A connection for administration; to be closed, or used as a context manager.

    Left to the garbage collector it might be collected in a forked child, which would hang there.
    An exception's traceback is enough to keep it from being freed at once.

    Every method blocks for one or two round trips, at most for so many seconds (the publish limit
    unless told otherwise), and raises BrokerError.
    """

    def __init__(
        self,
        options: Options,
        address: Address,
        *,
        seconds: float | None = None,
        connect: Callable[[Config], AdminClient] = AdminClient,
        consume: Callable[[Config], Consumer] = Consumer,
    ) -> None:
        self._options = options
        self._address = address
        self._consume = consume
        self._seconds = seconds or options.publish_timeout
        self._trouble = trouble.Trouble()
        # Kept as long as its futures run: a client that is collected fails them.
        self._client: AdminClient | None = clients.made(
            connect, {**options.admin(address), "error_cb": self._trouble.hear}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, whoever still refers to this object."""
        self._client = None

    def partitions(self) -> dict[str, int]:
        """Every topic there is and how many partitions it has."""
        # Of all topics: to ask for one by name would make it where brokers create what they miss.
        found = self._tried(
            "listing topics", lambda: self._admin.list_topics(timeout=self._seconds)
        )
        return {name: len(topic.partitions) for name, topic in found.topics.items()}

    def ask_for(self, topic: str) -> None:
        """Look for one topic, which makes it where brokers create what they miss."""
        self._tried(
            f"looking for the topic {topic}",
            lambda: self._admin.list_topics(topic, timeout=self._seconds),
        )

    def create(self, topics: Collection[NewTopic]) -> set[str]:
        """Create topics; returns those that did not exist."""
        futures = self._admin.create_topics(list(topics), request_timeout=self._seconds)
        exists = KafkaError.TOPIC_ALREADY_EXISTS
        return {
            name
            for name, future in futures.items()
            if self._is_done(f"creating the topic {name}", future, unless=exists)
        }

    def delete(self, topics: Collection[str]) -> None:
        """Delete topics with all that is in them."""
        futures = self._admin.delete_topics(list(topics), request_timeout=self._seconds)
        for name, future in futures.items():
            self._result(f"deleting the topic {name}", future)

    def beginnings(self, places: Collection[Place]) -> dict[Place, int]:
        """The first offset that each partition still has."""
        return self._offsets(places, _EARLIEST)

    def ends(self, places: Collection[Place]) -> dict[Place, int]:
        """The offset that each partition's next message gets."""
        return self._offsets(places, _LATEST)

    def commits(self, group: str, places: Collection[Place]) -> dict[Place, Commit]:
        """What a group has committed; partitions without a commit are left out."""
        if not places:
            return {}
        asked = [TopicPartition(*place) for place in places]
        doing = f"reading what the group {group} has committed"
        with self._outsider(group) as consumer:
            found = self._tried(
                doing,
                lambda: self._patiently(lambda: consumer.committed(asked, timeout=self._seconds)),
            )
        self._check(doing, found)
        return {
            (part.topic, part.partition): Commit(part.offset, part.metadata or "")
            for part in found
            if part.offset >= 0
        }

    def commit(self, group: str, offsets: Mapping[Place, int]) -> bool:
        """Commit for a group; false, and nothing is changed, where it has members."""
        parts = [TopicPartition(*place, offset) for place, offset in offsets.items()]
        doing = f"committing for the group {group}"
        with self._outsider(group) as consumer:
            try:
                answered = self._patiently(
                    lambda: consumer.commit(offsets=parts, asynchronous=False)
                )
            except KafkaException as error:
                if trouble.of(error).code() == _HAS_MEMBERS:
                    return False
                raise self._failed(doing, trouble.of(error)) from error
        self._check(doing, answered)
        return True

    def cut(self, offsets: Mapping[Place, int]) -> bool:
        """Delete all messages below these offsets; false where the broker cannot."""
        parts = [TopicPartition(*place, offset) for place, offset in offsets.items()]
        futures = self._admin.delete_records(parts, request_timeout=self._seconds)
        doing = "deleting messages"
        return all(self._is_done(doing, it, unless=_UNSUPPORTED) for it in futures.values())

    @contextlib.contextmanager
    def _outsider(self, group: str) -> Iterator[Consumer]:
        """A consumer that never joins the group.

        For librdkafka's administration ends the process by a segmentation fault when a group's
        coordinator is being loaded or has moved; a consumer looks for the new one.
        """
        config = {
            **self._options.admin(self._address),
            "group.id": group,
            "error_cb": self._trouble.hear,
        }
        consumer = clients.made(self._consume, config)
        try:
            yield consumer
        finally:
            consumer.close()

    def _offsets(self, places: Collection[Place], spec: OffsetSpec) -> dict[Place, int]:
        if not places:
            return {}
        futures = self._admin.list_offsets(
            {TopicPartition(*place): spec for place in places}, request_timeout=self._seconds
        )
        return {
            (part.topic, part.partition): self._result(
                f"asking for the offsets of {part.topic}", future
            ).offset
            for part, future in futures.items()
        }

    @property
    def _admin(self) -> AdminClient:
        if self._client is None:
            raise BrokerError(f"The connection to Kafka at {self._address.brokers} is closed")
        return self._client

    def _result(self, doing: str, future: Future[Answer]) -> Answer:
        self._is_done(doing, future)
        return future.result()

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask again while a group's coordinator is found or loaded, within the time limit."""
        deadline = time.monotonic() + self._seconds
        while True:
            try:
                return ask()
            except KafkaException as error:
                is_late = time.monotonic() >= deadline
                if is_late or trouble.of(error).code() not in _COORDINATOR_MOVES:
                    raise
            # Brokers answer such a question at once with a refusal: without a pause it is a flood.
            time.sleep(_AGAIN_SECONDS)

    def _is_done(self, doing: str, future: Future[Any], *, unless: int | None = None) -> bool:
        """Whether it was done; false where the broker refused with the code `unless`."""
        # Not raised from the future, which would then refer to itself by way of the traceback.
        error = future.exception()
        if error is None:
            return True
        if not isinstance(error, KafkaException):
            raise error
        if trouble.of(error).code() == unless:
            return False
        raise self._failed(doing, trouble.of(error)) from error

    def _tried(self, doing: str, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except KafkaException as error:
            raise self._failed(doing, trouble.of(error)) from error

    def _check(self, doing: str, answered: Iterable[TopicPartition]) -> None:
        for part in answered:
            if part.error is not None:
                raise self._failed(doing, part.error)

    def _failed(self, doing: str, error: KafkaError) -> BrokerError:
        # Serves `error_cb`, which nobody else does for this client.
        self._admin.poll(0)
        return BrokerError(
            f"Kafka at {self._address.brokers}: {doing} failed: {self._trouble.because(error)}"
        )
