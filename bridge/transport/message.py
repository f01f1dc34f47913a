"""What the channel hands out: kombu's message that knows where it lay in Kafka."""

from __future__ import annotations

import abc
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from confluent_kafka import Message as Record
from kombu.transport import virtual

from bridge.transport.ledger import Delivery
from bridge.transport.positions import Heard

if TYPE_CHECKING:
    from bridge.transport.channel import Channel

_log = logging.getLogger(__name__)


class Handed(virtual.Message):  # type: ignore[misc]  # kombu is untyped
    """A message between its delivery and its acknowledgement."""

    def __init__(self, payload: dict[str, Any], channel: Channel, tag: str, record: Record) -> None:
        payload["properties"]["delivery_tag"] = tag
        super().__init__(payload, channel=channel)
        self.record = record
        #: What its dead letter says where it is rejected; who rejects it may know more.
        self.reason = "rejected"
        self._undecodable = ""

    def ack(self, multiple: bool = False) -> None:
        """Finish the message; one whose body could not be decoded becomes a dead letter.

        Celery acknowledges what it cannot decode, and so would lose it.
        """
        if self._undecodable:
            self.channel.qos.condemn(self.delivery_tag, self._undecodable)
        super().ack(multiple)

    def _decode(self) -> object:
        try:
            return super()._decode()
        except Exception as error:
            self._undecodable = f"the body cannot be decoded: {error}"
            raise

    @abc.abstractmethod
    def finish(self) -> None:
        """Take it for done."""

    @abc.abstractmethod
    def give_back(self) -> None:
        """Let it come again."""

    @abc.abstractmethod
    def put_aside(self, reason: str) -> None:
        """Take it for one that cannot be handled."""


class Message(Handed):
    """A message of a queue that is a topic."""

    def __init__(
        self, payload: dict[str, Any], channel: Channel, delivery: Delivery, record: Record
    ) -> None:
        super().__init__(payload, channel, delivery.tag, record)
        self.delivery = delivery

    def finish(self) -> None:
        """Let its offset be committed."""
        self.channel.finish(self.delivery)

    def give_back(self) -> None:
        """Append it to its topic again."""
        self.channel.requeue(self.record, self.delivery)

    def put_aside(self, reason: str) -> None:
        """Move it to the dead letter."""
        self.channel.put_aside(self.record, self.delivery, reason)


class HeardMessage(Handed):
    """A message of a log: nothing of it is to be committed, and others have their own copy."""

    def __init__(
        self,
        payload: dict[str, Any],
        channel: Channel,
        heard: Heard,
        record: Record,
        give_back: Callable[[Heard, Record], None],
    ) -> None:
        super().__init__(payload, channel, heard.tag, record)
        self.heard = heard
        self._give_back = give_back

    def finish(self) -> None:
        """Nothing: the reader is past it."""

    def give_back(self) -> None:
        """Let this queue have it again."""
        self._give_back(self.heard, self.record)

    def put_aside(self, reason: str) -> None:
        """Drop it: a log has no dead letter."""
        _log.warning("A message of %s is dropped: %s", self.heard.place[0], reason)


class QoS:
    """The messages that are out and how many may be. Thread-safe."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.prefetch_count = 0
        self._out: dict[str, Handed] = {}
        self._reasons: dict[str, str] = {}
        self._lock = threading.Lock()

    def can_consume(self) -> bool:
        """Whether one more message may be handed out."""
        return not self.prefetch_count or len(self._out) < self.prefetch_count

    def append(self, message: Handed, delivery_tag: str) -> None:
        """Note a message that is handed out."""
        with self._lock:
            self._out[delivery_tag] = message

    def condemn(self, delivery_tag: str, reason: str) -> None:
        """Make the acknowledgement that follows put the message aside."""
        self._reasons[delivery_tag] = reason

    def ack(self, delivery_tag: str) -> None:
        """Finish a message; an unknown tag means that it is finished already."""
        message = self._take(delivery_tag)
        reason = self._reasons.pop(delivery_tag, "")
        if message is None:
            return
        if reason:
            message.put_aside(reason)
        else:
            message.finish()

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give a message back to its queue, or put it aside as a dead letter."""
        message = self._take(delivery_tag)
        if message is None:
            return
        if requeue:
            message.give_back()
        else:
            message.put_aside(message.reason)

    def restore_unacked_once(self, stderr: object = None) -> None:
        """Leave what is unfinished: its offset is not committed, so it is delivered again."""
        with self._lock:
            left = len(self._out)
            self._out.clear()
        if left:
            _log.info("%d unfinished messages will be delivered again", left)

    def _take(self, delivery_tag: str) -> Handed | None:
        with self._lock:
            return self._out.pop(delivery_tag, None)
