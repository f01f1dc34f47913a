"""Publishing that returns before its confirmation, which the option `publish_ahead` allows.

So many messages may be on their way. One that does not get there is named by an error of the next
publishing, or in the log where there is none. What is on its way when a connection is closed, or
when the interpreter ends, is waited for.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
import threading
import weakref
from collections.abc import Callable
from typing import Final

from bridge.transport.batch import Sender, failure_of
from bridge.transport.errors import BatchError, Failure, PublishError
from bridge.transport.publisher import SILENCE
from bridge.transport.wire import Outgoing

_log = logging.getLogger(__name__)

_living: Final[weakref.WeakSet[Ahead]] = weakref.WeakSet()


class Ahead:
    """The messages of a connection that are on their way. Thread-safe."""

    def __init__(
        self,
        sender: Callable[[], Sender],
        *,
        most: int,
        brokers: str,
        on_failure: Callable[[], None],
    ) -> None:
        self._sender = sender
        self._most = most
        self._brokers = brokers
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._begin()
        _living.add(self)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._count = 0
        self._waiting = 0
        self._failures: list[Failure] = []

    def publish(self, topic: str, message: Outgoing) -> None:
        """Publish once fewer than the most are on their way.

        Raises PublishError where there is no such topic, and BatchError where messages before
        this one, which is not sent then, are not known to be on their topics, or where this one
        is refused.
        """
        sender = self._sender()
        sender.ensure(topic)
        number = self._counted(topic, sender.patience)
        sender.send(topic, message, functools.partial(self._answered, number, topic, message))
        with self._changed:
            is_refused = any(failure.number == number for failure in self._failures)
        if is_refused:
            self._raise()

    def close(self) -> None:
        """Wait for what is on its way, and say what is not there; nothing in a forked child."""
        if self._process != os.getpid() or not self._count:
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, self._sender().patience)
            lost, self._failures = self._failures, []
            silent, self._waiting = self._waiting, 0
        for failure in lost:
            _log.error("Kafka at %s did not take %s", self._brokers, failure)
        if silent:
            _log.error("Kafka at %s: %d messages: %s", self._brokers, silent, SILENCE)

    def _counted(self, topic: str, patience: float) -> int:
        """The message's number, once there is room for it and nothing has failed."""
        with self._changed:
            if self._process != os.getpid():
                # What the parent has sent is the parent's to hear of.
                self._begin()
            has_room = self._changed.wait_for(lambda: self._waiting < self._most, patience)
            if has_room and not self._failures:
                self._waiting += 1
                self._count += 1
                return self._count - 1
        if has_room:
            self._raise()
        raise PublishError(f"{topic} on Kafka at {self._brokers} takes nothing more: {SILENCE}")

    def _answered(self, number: int, topic: str, message: Outgoing, reason: str | None) -> None:
        with self._changed:
            self._waiting -= 1
            if reason is not None:
                self._failures.append(failure_of(number, topic, message, reason))
            self._changed.notify_all()

    def _raise(self) -> None:
        with self._changed:
            failures, self._failures = self._failures, []
            total = self._count
        self._sender().forget({failure.topic for failure in failures})
        self._on_failure()
        raise BatchError(failures, total=total, brokers=self._brokers)


@atexit.register
def flush() -> None:
    """Wait for what the connections of this process have on its way."""
    for ahead in list(_living):
        ahead.close()
