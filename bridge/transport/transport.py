"""The kombu transport: what a connection to Kafka is, and where its parts meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import confluent_kafka
from confluent_kafka import Message as Record
from kombu.exceptions import ChannelError
from kombu.transport import virtual

from bridge.transport import (
    address,
    channel,
    failover,
    naming,
    options,
    publisher,
    removal,
    route,
    secrets,
    sizes,
    wire,
)
from bridge.transport.ahead import Ahead
from bridge.transport.backlog import Backlog
from bridge.transport.batch import Batch
from bridge.transport.breather import Breather
from bridge.transport.cluster import Cluster
from bridge.transport.copies import Copies
from bridge.transport.errors import BrokerAwayError, BrokerError, ConsumerLostError, PublishError
from bridge.transport.fetcher import Fetcher
from bridge.transport.intake import Intake, MakeIntake, OnReady
from bridge.transport.ledger import Delivery
from bridge.transport.listening import Listening
from bridge.transport.log_channel import LogChannel
from bridge.transport.message import Message
from bridge.transport.mover import Mover
from bridge.transport.wakeup import Wakeup
from bridge.transport.watch import Condemn, Watch

#: Messages handed out before the event loop gets its turn.
_BURST: Final = 100
_COPIES_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Subscription:
    """Who takes a queue's messages."""

    channel: channel.Channel
    hand_out: Callable[[Message], None]
    #: How many priorities the queue has.
    levels: int


def _member(
    options: options.Options,
    address: address.Address,
    backlog: Backlog,
    *,
    on_ready: OnReady,
    condemn: Condemn,
) -> Intake:
    return Fetcher(
        options,
        address,
        backlog,
        on_ready=on_ready,
        watch=lambda ledger: Watch(ledger, backlog, options.max_deliveries, condemn),
        breather=Breather(backlog.wait_for_room),
    )


class Transport(virtual.Transport):  # type: ignore[misc]  # kombu is untyped
    """One connection: a shared publisher, and a consumer of its own once something is consumed."""

    Channel = LogChannel
    can_parse_url = True
    default_port = address.DEFAULT_PORT
    driver_type = "kafka"
    driver_name = "confluent-kafka"
    connection_errors = (ConsumerLostError, BrokerAwayError)
    recoverable_connection_errors = (ConsumerLostError, BrokerAwayError)
    channel_errors = (ChannelError,)
    recoverable_channel_errors = ()
    implements = virtual.Transport.implements.extend(
        asynchronous=True,
        batch_publish=True,
        exchange_type=frozenset(["direct", "fanout", "topic"]),
        heartbeats=False,
    )
    #: Where messages come from: another intake can come in here.
    make_intake: ClassVar[MakeIntake] = staticmethod(_member)

    def __init__(self, client: Any, **kwargs: Any) -> None:  # noqa: ANN401 - kombu is untyped
        self.options = options.read(client.transport_options)
        self.address = address.of(client)
        failover.prepare(client)
        secrets.hide(client)
        #: Whether kombu has another URL to go to when this one's brokers are away.
        self._has_others = len(client.alt) > 1
        self._is_away = False
        super().__init__(client, **kwargs)
        self._subscriptions: dict[str, _Subscription] = {}
        self._wakeup: Wakeup | None = None
        self._backlog = Backlog(self.options.buffer_size)
        self._intake: Intake | None = None
        self._publishers = publisher.Shared(self.options, self.address)
        self._ahead = Ahead(
            self._publishers.get,
            most=self.options.publish_ahead,
            brokers=self.address.brokers,
            on_failure=self._note_failure,
        )
        self._mover: Mover | None = None
        #: Of queues that were declared, how many priorities they have.
        self._levels: dict[str, int] = {}
        #: What has to do with broadcast exchanges.
        self.listening = Listening(
            self.options, self.address, self._publishers.get, on_ready=self._ready
        )
        self._copies = Copies(self._send)
        self._loop: Any = None

    @property
    def default_connection_params(self) -> dict[str, str]:
        """What a URL that says nothing means."""
        return {"hostname": f"kafka://localhost:{self.default_port}"}

    def driver_version(self) -> str:
        """Version of the client library."""
        return str(confluent_kafka.__version__)

    def as_uri(self, uri: str, include_password: bool = False, mask: str = "**") -> str:
        """The URL, as a rule without its password."""
        if "://" not in uri:
            # Kombu has taken the URL apart when it went on to it.
            return f"kafka://{self.address.brokers}"
        return uri if include_password else address.masked(uri, mask)

    def establish_connection(self) -> Transport:
        """Make ready; brokers are contacted with the first message, and again and again.

        Where there are other URLs, raises BrokerAwayError unless a broker of this one answers.
        """
        if self._has_others:
            self._look_for_brokers()
        self._free_wakeup()
        self._wakeup = Wakeup()
        connection: Transport = super().establish_connection()
        return connection

    def close_connection(self, connection: Transport) -> None:
        """Commit what is finished, leave the group, free everything."""
        super().close_connection(connection)
        self._ahead.close()
        # Beside the intake: each may take its time to hear from its broker or to leave its group.
        self.listening.stop()
        if self._mover is not None:
            self._mover.stop()
        if self._intake is not None:
            self._copies.close(_COPIES_SECONDS)
            self._intake.close()
            self._intake = None
        if self._mover is not None:
            self._mover.close()
            self._mover = None
        self.listening.close()
        self._free_wakeup()

    def verify_connection(self, connection: Transport) -> bool:
        """Whether the connection can still be used."""
        if self._intake is not None:
            return self._failure() is None
        return self._wakeup is not None and self._failure() is None and not self._is_away

    def register_with_event_loop(self, connection: Transport, loop: Any) -> None:  # noqa: ANN401 - kombu's hub
        """Have the loop call `on_readable` when there are messages to hand out."""
        self._loop = loop
        loop.add_reader(self._opened().fileno(), self.on_readable, connection, loop)

    def on_readable(self, connection: Transport, loop: Any) -> None:  # noqa: ANN401 - kombu's hub
        """Hand out what is there; raises ConsumerLostError where the consumer has ended."""
        self._opened().clear()
        self._hand_out_some()

    def drain_events(self, connection: Transport, timeout: float | None = None) -> None:
        """Wait until a message was handed out; raises TimeoutError, ConsumerLostError.

        One, as those who wait for so many replies call this so many times.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._hand_out_some(1):
            left = None if deadline is None else max(deadline - time.monotonic(), 0)
            if not self._opened().wait(left):
                raise TimeoutError
            self._opened().clear()

    def wake(self) -> None:
        """Look for messages again: there is room for some."""
        if self._wakeup is not None and (self._backlog or self.listening.has_some()):
            self._wakeup.set()

    def consume(self, queue: str, by: channel.Channel, hand_out: Callable[[Message], None]) -> None:
        """Begin to hand out a queue's messages."""
        topic = naming.topic_of(queue, self.options.topic_prefix)
        levels = max(self._levels.get(queue, 1), self.options.priorities)
        self._subscriptions[topic] = _Subscription(by, hand_out, levels)
        if self._intake is None:
            self._mover = self._made_mover()
            self._backlog = Backlog(self.options.buffer_size)
            self._intake = self.make_intake(
                self.options, self.address, self._backlog,
                on_ready=self._opened().set, condemn=self.put_aside,
            )  # fmt: skip
        self._follow(self._intake)

    def cancel(self, queue: str) -> None:
        """Cease to hand out a queue's messages."""
        topic = naming.topic_of(queue, self.options.topic_prefix)
        self._subscriptions.pop(topic, None)
        if self._intake is not None:
            self._follow(self._intake)

    def declare(self, queue: str, arguments: Mapping[str, Any] | None) -> None:
        """Note how many priorities a queue has."""
        self._levels[queue] = route.levels(self.options, arguments)

    def is_declared(self, queue: str) -> bool:
        """Whether this connection has declared a queue, which may have no topic yet."""
        return queue in self._levels

    def cluster(self) -> Cluster:
        """A way to ask and order what needs no member of the group; to be closed."""
        return Cluster(self.options, self.address)

    def delete(self, queue: str) -> sizes.QueueSize:
        """Delete a queue's topics; returns what there was. Raises as `removal.delete`."""
        with self.cluster() as cluster:
            size = removal.delete(cluster, self.options, queue)
        self._levels.pop(queue, None)
        self._publishers.get().forget({part.topic for part in size.partitions})
        return size

    def publish(self, queue: str, prepared: Mapping[str, Any], batch: Batch | None = None) -> None:
        """Append a message of kombu to the topic of its queue and priority, or first to a delay's.

        Leaves that to a batch where there is one. Raises PublishError unless it is confirmed, or
        is on its way where the options let that do.
        """
        levels = self._levels.get(queue, self.options.priorities)
        leg = route.first(queue, prepared, self.options, levels, time.time())
        if leg.destination != leg.topic:
            self._publishers.get().ensure(leg.destination)
        if batch is not None:
            batch.add(leg.topic, leg.message)
            return
        if self.options.publish_ahead:
            self._ahead.publish(leg.topic, leg.message)
            return
        try:
            self._publishers.get().publish(leg.topic, leg.message)
        except PublishError:
            self._note_failure()
            raise

    def batch(self, by: channel.Channel, max_size: int) -> Batch:
        """A batch of messages that are confirmed together."""
        return Batch(
            by,
            self._publishers.get,
            max_size=max_size,
            brokers=self.address.brokers,
            on_failure=self._note_failure,
        )

    def _note_failure(self) -> None:
        # What failed may be here and is not published elsewhere; the next message may be.
        self._is_away = self._has_others

    def _made_mover(self) -> Mover | None:
        if self.options.delay_threshold is None:
            return None
        return Mover(self.options, self.address, self._publishers.get)

    def _follow(self, intake: Intake) -> None:
        """Fetch all levels of the queues that are consumed."""
        intake.follow(
            [
                naming.level_of(topic, level)
                for topic, subscription in self._subscriptions.items()
                for level in range(subscription.levels)
            ]
        )

    def finish(self, delivery: Delivery) -> None:
        """Let a message's offset be committed."""
        if self._intake is not None:
            self._intake.finish(delivery)

    def requeue(self, record: Record, delivery: Delivery) -> None:
        """Append a copy and finish the original; the dead letter after too many deliveries."""
        copy = wire.requeued(record)
        if wire.delivery_count(record) + 1 >= self.options.max_deliveries:
            reason = f"requeued after {self.options.max_deliveries} deliveries"
            self.put_aside(record, delivery, reason)
        else:
            self._copies.put(delivery.place[0], copy, lambda: self.finish(delivery))

    def put_aside(self, record: Record, delivery: Delivery, reason: str) -> None:
        """Append a copy to the dead letter and finish the original."""
        topic = naming.dead_letter_of(delivery.place[0])
        copy = wire.dead_letter(record, reason)
        self._copies.put(topic, copy, lambda: self.finish(delivery))

    def _send(self, topic: str, message: wire.Outgoing, done: publisher.Done) -> None:
        self._publishers.get().send(topic, message, done, is_copy=True)

    def _hand_out_some(self, most: int = _BURST) -> bool:
        """Hand out what prefetch allows, at most so many; whether it was any."""
        failure = self._failure()
        if failure is not None:
            raise ConsumerLostError(
                f"The consumer of Kafka at {self.address.brokers} has ended: {failure}"
            )
        for count in range(most):
            # A command comes before the tasks that wait.
            if not self.listening.hand_out_one() and not self._hand_out_one():
                return count > 0
        self._opened().set()
        return True

    def _hand_out_one(self) -> bool:
        taken = self._backlog.take(self._takers())
        if taken is not None:
            self._deliver_record(*taken)
        return taken is not None

    def _ready(self) -> None:
        if self._wakeup is not None:
            self._wakeup.set()

    def _failure(self) -> Exception | None:
        """Why messages come no more."""
        fetcher = self._intake
        return (
            self.listening.failure if fetcher is None else fetcher.failure or self.listening.failure
        )

    def _takers(self) -> list[str]:
        return [
            topic
            for topic, subscription in self._subscriptions.items()
            if subscription.channel.qos.can_consume()
        ]

    def _deliver_record(self, delivery: Delivery, record: Record) -> None:
        subscription = self._subscriptions[naming.queue_and_level(delivery.place[0])[0]]
        try:
            payload = wire.decode(record)
        except wire.WireError as error:
            self.put_aside(record, delivery, str(error))
        else:
            subscription.hand_out(Message(payload, subscription.channel, delivery, record))

    def _opened(self) -> Wakeup:
        if self._wakeup is None:
            raise ConsumerLostError("The connection is closed")
        return self._wakeup

    def _look_for_brokers(self) -> None:
        # All URLs are to have their turn before kombu's time is up.
        seconds = self.client.connect_timeout / (len(self.client.alt) + 1)
        try:
            with Cluster(self.options, self.address, seconds=seconds) as cluster:
                cluster.partitions()
        except BrokerError as error:
            raise BrokerAwayError(str(error)) from error
        self._is_away = False

    def _free_wakeup(self) -> None:
        if self._wakeup is not None:
            self._leave_loop(self._wakeup)
            self._wakeup.close()
            self._wakeup = None

    def _leave_loop(self, wakeup: Wakeup) -> None:
        if self._loop is not None:
            self._loop.remove_reader(wakeup.fileno())
            self._loop = None
