"""The channel with broadcast exchanges: a queue bound to one is a position in a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import uuid4

from amqp.protocol import queue_declare_ok_t
from kombu.transport.virtual.exchange import FanoutExchange

from bridge.transport import channel, wire
from bridge.transport.batch import Batch
from bridge.transport.errors import UnsupportedError
from bridge.transport.message import Handed


class LogChannel(channel.Channel):
    """Sees to what belongs to logs, and leaves the rest to the channel of topics."""

    exchange_types: ClassVar[Mapping[str, type]] = {
        **channel.Channel.exchange_types,
        "fanout": FanoutExchange,
    }

    def exchange_declare(
        self,
        exchange: str | None = None,
        type: str = "direct",  # noqa: A002 - kombu's name
        durable: bool = False,
        **options: Any,  # noqa: ANN401 - kombu is untyped
    ) -> None:
        """Note an exchange; raises UnsupportedError for those of other types, as headers."""
        super().exchange_declare(exchange, type, durable=durable, **options)
        if exchange and not options.get("passive"):
            self.connection.listening.declare(exchange, type or "direct", durable=durable)

    def queue_declare(
        self,
        queue: str | None = None,
        passive: bool = False,
        arguments: Mapping[str, Any] | None = None,
        **options: Any,  # noqa: ANN401 - kombu is untyped
    ) -> queue_declare_ok_t:
        """Note a queue; one that goes with its consumer has nothing in it yet."""
        is_temporary = options.get("auto_delete") or options.get("exclusive")
        if passive and self.connection.listening.has(queue):
            return queue_declare_ok_t(queue, 0, 0)
        if passive or not is_temporary:
            return super().queue_declare(queue, passive, arguments, **options)
        name = queue or f"amq.gen-{uuid4()}"
        self.connection.listening.declare_temporary(name)
        if "x-max-priority" in (arguments or {}):
            self.connection.declare(name, arguments)
        return queue_declare_ok_t(name, 0, 0)

    def queue_bind(
        self,
        queue: str,
        exchange: str | None = None,
        routing_key: str = "",
        arguments: object = None,
        **options: Any,  # noqa: ANN401 - kombu is untyped
    ) -> None:
        """Let an exchange's messages go to a queue; to that of a log those from now on.

        Raises UnsupportedError for a queue of both kinds: it is a topic or a position, not both.
        """
        is_log = self.connection.listening.is_log(exchange)
        if self.state.queue_index.get(queue) if is_log else self.connection.listening.has(queue):
            raise UnsupportedError(
                f"The queue {queue!r} cannot be bound to a broadcast exchange and to another one"
            )
        if is_log:
            self.connection.listening.bind(queue, exchange, routing_key or "")
        else:
            super().queue_bind(queue, exchange, routing_key, arguments, **options)

    def queue_unbind(
        self,
        queue: str,
        exchange: str | None = None,
        routing_key: str = "",
        arguments: object = None,
        **options: Any,  # noqa: ANN401 - kombu is untyped
    ) -> None:
        """Let an exchange's messages go to a queue no more."""
        if self.connection.listening.is_log(exchange):
            self.connection.listening.unbind(queue, exchange, routing_key or "")
        else:
            super().queue_unbind(queue, exchange, routing_key, arguments, **options)

    def queue_delete(
        self, queue: str, if_unused: bool = False, if_empty: bool = False, **options: object
    ) -> int:
        """Drop a queue; of that of a log nothing is left in Kafka."""
        if not self.connection.listening.has(queue):
            return super().queue_delete(queue, if_unused, if_empty, **options)
        self.connection.listening.forget(queue)
        return 0

    def after_reply_message_received(self, queue: str) -> None:
        """Drop the queue that was made for replies."""
        self.connection.listening.forget(queue)

    def basic_publish(
        self,
        message: dict[str, Any],
        exchange: str,
        routing_key: str,
        batch: Batch | None = None,
        **options: Any,  # noqa: ANN401 - kombu is untyped
    ) -> object:
        """Publish; to a log without a look at who is bound, as nobody here knows."""
        if not self.connection.listening.is_log(exchange):
            return super().basic_publish(message, exchange, routing_key, batch=batch, **options)
        self._inplace_augment_message(message, exchange, routing_key)
        outgoing = wire.encode(message)
        return self.connection.listening.tell(exchange, routing_key or "", outgoing, batch)

    def basic_consume(
        self,
        queue: str,
        no_ack: bool,
        callback: Callable[[Handed], None],
        consumer_tag: str,
        **options: object,
    ) -> None:
        """Begin to hand a queue's messages to `callback`."""
        if not self.connection.listening.has(queue):
            super().basic_consume(queue, no_ack, callback, consumer_tag, **options)
            return
        self._tag_to_queue[consumer_tag] = queue
        self._consumers.add(consumer_tag)
        self.connection.listening.consume(
            queue, self, lambda delivered: self._hand_out(delivered, no_ack, callback)
        )

    def basic_cancel(self, consumer_tag: str) -> None:
        """Cease to hand out; what is out may still be acknowledged."""
        queue = self._tag_to_queue.get(consumer_tag, "")
        if not self.connection.listening.has(queue):
            super().basic_cancel(consumer_tag)
        else:
            self._consumers.remove(consumer_tag)
            self._tag_to_queue.pop(consumer_tag)
            self.connection.listening.cancel(queue)
