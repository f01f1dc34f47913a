"""The kombu channel: queues are topics, publishing is confirmed, acknowledging is out of order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn

from confluent_kafka import Message as Record
from kombu.exceptions import ChannelError
from kombu.transport import virtual
from kombu.transport.base import to_rabbitmq_queue_arguments
from kombu.transport.virtual.exchange import DirectExchange, TopicExchange
from kombu.utils.uuid import uuid

from bridge.transport import message, removal, sizes
from bridge.transport.batch import Batch
from bridge.transport.declared import Declared
from bridge.transport.errors import UnsupportedError
from bridge.transport.ledger import Delivery


class Channel(virtual.Channel):  # type: ignore[misc]  # kombu is untyped
    """One conversation on a connection; `self.connection` is the transport."""

    Message = message.Handed
    QoS = message.QoS
    do_restore = False
    supports_fanout = False
    #: Bodies travel as they are.
    body_encoding = None
    from_transport_options = ()
    exchange_types: ClassVar[Mapping[str, type]] = {
        "direct": DirectExchange,
        "topic": TopicExchange,
    }

    def exchange_declare(
        self,
        exchange: str | None = None,
        type: str = "direct",  # noqa: A002 - kombu's name
        **options: Any,  # noqa: ANN401 - kombu is untyped
    ) -> None:
        """Note an exchange; raises UnsupportedError for those of other types, as headers."""
        if (type or "direct") not in self.exchange_types:
            raise UnsupportedError(
                f"The exchange {exchange!r} cannot be declared: there are no {type} exchanges "
                "(but direct, topic and fanout ones)"
            )
        super().exchange_declare(exchange, type, **options)

    def queue_declare(
        self,
        queue: str | None = None,
        passive: bool = False,
        arguments: Mapping[str, Any] | None = None,
        **_options: object,
    ) -> Declared:
        """Note a queue; its topic is made when it is first used.

        Raises ChannelError where a passive declaration is of a queue that has no topic. Brokers
        are asked by a passive one only, and by the answer's `message_count`.
        """
        name = queue or f"amq.gen-{uuid()}"
        if passive and not self._has_queue(name):
            raise ChannelError(
                f"NOT_FOUND - no queue {name!r} at {self.connection.address.brokers}",
                (50, 10),
                "Channel.queue_declare",
                "404",
            )
        self.connection.declare(name, arguments)
        return Declared(name, lambda: self._size(name))

    def prepare_queue_arguments(
        self,
        arguments: Mapping[str, Any] | None,
        **named: Any,  # noqa: ANN401 - kombu is untyped
    ) -> Mapping[str, Any]:
        """A queue's arguments, with those that kombu has names for (`max_priority`)."""
        prepared: Mapping[str, Any] = to_rabbitmq_queue_arguments(arguments or {}, **named)
        return prepared

    def basic_consume(
        self,
        queue: str,
        no_ack: bool,
        callback: Callable[[message.Handed], None],
        consumer_tag: str,
        **_options: object,
    ) -> None:
        """Begin to hand a queue's messages to `callback`."""
        self._tag_to_queue[consumer_tag] = queue
        self._consumers.add(consumer_tag)
        self.connection.consume(
            queue, self, lambda delivered: self._hand_out(delivered, no_ack, callback)
        )

    def basic_cancel(self, consumer_tag: str) -> None:
        """Cease to hand out; what is out may still be acknowledged."""
        if consumer_tag in self._consumers:
            self._consumers.remove(consumer_tag)
            self.connection.cancel(self._tag_to_queue.pop(consumer_tag))

    def basic_qos(
        self,
        prefetch_size: int = 0,
        prefetch_count: int = 0,
        apply_global: bool = False,
    ) -> None:
        """Change how many messages may be out; 0 is no limit."""
        super().basic_qos(prefetch_size, prefetch_count, apply_global)
        self.connection.wake()

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Finish a message."""
        super().basic_ack(delivery_tag, multiple)
        self.connection.wake()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give a message back, or put it aside."""
        super().basic_reject(delivery_tag, requeue)
        self.connection.wake()

    def finish(self, delivery: Delivery) -> None:
        """Let a message's offset be committed."""
        self.connection.finish(delivery)

    def requeue(self, record: Record, delivery: Delivery) -> None:
        """Append the message to its topic again, once too often to the dead letter."""
        self.connection.requeue(record, delivery)

    def put_aside(self, record: Record, delivery: Delivery, reason: str) -> None:
        """Move the message to the dead letter."""
        self.connection.put_aside(record, delivery, reason)

    def _hand_out(
        self,
        delivered: message.Handed,
        no_ack: bool,
        callback: Callable[[message.Handed], None],
    ) -> None:
        if no_ack:
            delivered.finish()
        else:
            self.qos.append(delivered, delivered.delivery_tag)
        callback(delivered)

    def create_publish_batch(self, max_size: int) -> Batch:
        """What kombu's `Producer.batch()` collects messages in."""
        batch: Batch = self.connection.batch(self, max_size)
        return batch

    def _put(
        self,
        queue: str,
        prepared: dict[str, Any],
        batch: Batch | None = None,
        **_options: object,
    ) -> None:
        self.connection.publish(queue, prepared, batch)

    def queue_delete(
        self, queue: str, if_unused: bool = False, if_empty: bool = False, **_options: object
    ) -> int:
        """Delete a queue's topics where the option `topic_deletion` allows it.

        Returns how many messages went with them. Raises UnsupportedError, BrokerError.
        """
        if if_empty and self._size(queue):
            return 0
        return int(self.connection.delete(queue).waiting)

    def _has_queue(self, queue: str, **_options: object) -> bool:
        return self.connection.is_declared(queue) or bool(self._sized(queue).partitions)

    def _size(self, queue: str) -> int:
        return self._sized(queue).waiting

    def _sized(self, queue: str) -> sizes.QueueSize:
        with self.connection.cluster() as cluster:
            return sizes.of(cluster, self.connection.options, [queue])[queue]

    def _get(self, queue: str, timeout: float | None = None) -> NoReturn:
        # To know that there is none takes a member of the group, which takes seconds to become one
        # and its partitions from the workers.
        raise UnsupportedError(
            f"A single message of {queue} cannot be fetched by itself (basic_get): use a consumer, "
            "or SimpleQueue.get() with block=True"
        )

    def _purge(self, queue: str) -> int:
        with self.connection.cluster() as cluster:
            return removal.purge(cluster, self.connection.options, queue)
