"""What a connection has to do with broadcast exchanges: declares, tells, listens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from confluent_kafka import Message as Record

from bridge.transport import logs, lossy, naming, wire
from bridge.transport.address import Address
from bridge.transport.batch import Batch
from bridge.transport.broadcast import Broadcast
from bridge.transport.message import HeardMessage
from bridge.transport.options import Options
from bridge.transport.positions import Heard
from bridge.transport.publisher import Publisher

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Listener:
    """Who takes a queue's messages."""

    channel: Any
    hand_out: Callable[[HeardMessage], None]


class Listening:
    """The logs of one connection."""

    def __init__(
        self,
        options: Options,
        address: Address,
        publisher: Callable[[], Publisher],
        *,
        on_ready: Callable[[], None],
    ) -> None:
        self._options = options
        self._address = address
        self._publisher = publisher
        self._on_ready = on_ready
        #: Types of the exchanges that were declared and are logs.
        self._kinds: dict[str, str] = {}
        #: Queues that go with their last consumer.
        self._temporary: set[str] = set()
        self._listeners: dict[str, _Listener] = {}
        self._broadcast: Broadcast | None = None
        self._events = lossy.Shared(options, address)
        self._has_told = False

    @property
    def failure(self) -> Exception | None:
        """Why nothing is heard any more."""
        return None if self._broadcast is None else self._broadcast.failure

    def declare(self, exchange: str, kind: str, *, durable: bool) -> None:
        """Note an exchange."""
        if logs.is_log(exchange, kind, durable=durable, named=self._options.log_exchanges):
            self._kinds[exchange] = kind

    def is_log(self, exchange: str) -> bool:
        """Whether an exchange was declared that is a log."""
        return exchange in self._kinds

    def tell(
        self, exchange: str, routing_key: str, message: wire.Outgoing, batch: Batch | None = None
    ) -> None:
        """Append a message to an exchange's log; leaves that to a batch where there is one.

        Raises PublishError unless it is confirmed; but an event is sent without waiting, and lost
        where it cannot be.
        """
        topic = naming.log_of(exchange, self._options.topic_prefix)
        # By the record's key readers filter, without a look into it.
        keyed = replace(message, key=routing_key.encode())
        if exchange in self._options.log_exchanges:
            self._has_told = True
            self._events.get().send(topic, keyed)
        elif batch is not None:
            batch.add(topic, keyed)
        else:
            self._publisher().publish(topic, keyed)

    def declare_temporary(self, queue: str) -> None:
        """Note that a queue goes with its last consumer."""
        self._temporary.add(queue)

    def bind(self, queue: str, exchange: str, routing_key: str) -> None:
        """Let a queue get what comes from now on."""
        if self._broadcast is None:
            self._broadcast = Broadcast(self._options, self._address, on_ready=self._on_ready)
        binding = logs.binding(self._kinds[exchange], routing_key)
        self._broadcast.bind(
            queue,
            self._topic(exchange),
            binding,
            [self._topic(each) for each in logs.made_with(exchange)],
        )

    def unbind(self, queue: str, exchange: str, routing_key: str) -> None:
        """Let a queue get no more of it."""
        if self._broadcast is not None and self.is_log(exchange):
            binding = logs.binding(self._kinds[exchange], routing_key)
            self._broadcast.unbind(queue, self._topic(exchange), binding)

    def has(self, queue: str) -> bool:
        """Whether a queue is bound to a log."""
        return self._broadcast is not None and self._broadcast.has(queue)

    def consume(self, queue: str, by: Any, hand_out: Callable[[HeardMessage], None]) -> None:  # noqa: ANN401 - the channel's type would be a cycle
        """Begin to hand out what a queue hears."""
        self._listeners[queue] = _Listener(by, hand_out)
        self._follow()

    def cancel(self, queue: str) -> None:
        """Cease to hand out what a queue hears."""
        self._listeners.pop(queue, None)
        self._follow()
        if queue in self._temporary:
            self.forget(queue)

    def forget(self, queue: str) -> None:
        """Drop a queue."""
        self._temporary.discard(queue)
        if self._broadcast is not None:
            self._broadcast.forget(queue)

    def has_some(self) -> bool:
        """Whether something was heard and not handed out."""
        return self._broadcast is not None and self._broadcast.has_some()

    def hand_out_one(self) -> bool:
        """Hand out a message where prefetch allows one; whether it was any."""
        if self._broadcast is None or not self._broadcast.has_some():
            return False
        taken = self._broadcast.take(
            [
                queue
                for queue, listener in self._listeners.items()
                if listener.channel.qos.can_consume()
            ]
        )
        if taken is not None:
            self._deliver(*taken)
        return taken is not None

    def stop(self) -> None:
        """Begin to close, without waiting for it."""
        if self._broadcast is not None:
            self._broadcast.stop()

    def close(self) -> None:
        """Free everything, and wait a little for events to be sent."""
        if self._broadcast is not None:
            self._broadcast.close()
            self._broadcast = None
        if self._has_told:
            self._events.get().flush()

    def _deliver(self, heard: Heard, record: Record) -> None:
        listener = self._listeners[heard.queue]
        try:
            payload = self._decoded(heard, record)
        except wire.WireError as error:
            _log.warning("A record of %s is skipped: %s", heard.place[0], error)
        else:
            listener.hand_out(
                HeardMessage(payload, listener.channel, heard, record, self._give_back)
            )

    def _decoded(self, heard: Heard, record: Record) -> dict[str, Any]:
        size, limit = len(record.value() or b""), self._options.max_message_bytes
        if size > limit:
            raise wire.WireError(f"its {size} bytes are more than the limit of {limit}")
        payload = wire.decode(record)
        payload["properties"]["delivery_info"].update(
            redelivered=heard.times > 0, delivery_count=heard.times
        )
        return payload

    def _give_back(self, heard: Heard, record: Record) -> None:
        if heard.times + 1 >= self._options.max_deliveries:
            _log.warning(
                "%s drops a message of %s: given back %d times",
                heard.queue, heard.place[0], heard.times + 1,
            )  # fmt: skip
        elif self._broadcast is not None:
            self._broadcast.put_back(heard, record)

    def _follow(self) -> None:
        if self._broadcast is not None:
            self._broadcast.follow(self._listeners)

    def _topic(self, exchange: str) -> str:
        return naming.log_of(exchange, self._options.topic_prefix)
