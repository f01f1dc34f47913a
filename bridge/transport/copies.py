"""Puts a message's copy somewhere else and only then finishes the original.

Requeued messages go back to their topic, those that cannot be handled go to the dead letter. The
event loop does not wait for it; until the copy is confirmed the original stays unfinished, so a
crash in between delivers it again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from bridge.transport.publisher import Done
from bridge.transport.wire import Outgoing

_log = logging.getLogger(__name__)


class Copies:
    """The copies on their way. Thread-safe."""

    def __init__(
        self, send: Callable[[str, Outgoing, Done], None], *, retry_seconds: float = 1.0
    ) -> None:
        self._send = send
        self._retry_seconds = retry_seconds
        self._waiting = 0
        self._is_closing = False
        self._changed = threading.Condition()

    def put(self, topic: str, message: Outgoing, finish: Callable[[], None]) -> None:
        """Send a copy until it is confirmed, then call `finish`."""
        with self._changed:
            self._waiting += 1
        self._attempt(topic, message, finish)

    def has_room(self, most: int, seconds: float) -> bool:
        """Wait until fewer than so many are on their way; false when out of time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting < most, seconds)

    def close(self, seconds: float) -> bool:
        """Wait for the copies and try no more; false where some are not confirmed."""
        with self._changed:
            all_there = self._changed.wait_for(lambda: not self._waiting, seconds)
            self._is_closing = True
        return all_there

    def _attempt(self, topic: str, message: Outgoing, finish: Callable[[], None]) -> None:
        def done(reason: str | None) -> None:
            if reason is None:
                finish()
            elif not self._is_closing:
                _log.error("The copy for %s is sent again: %s", topic, reason)
                self._later(lambda: self._attempt(topic, message, finish))
                return
            with self._changed:
                self._waiting -= 1
                self._changed.notify_all()

        self._send(topic, message, done)

    def _later(self, act: Callable[[], None]) -> None:
        timer = threading.Timer(self._retry_seconds, act)
        timer.daemon = True
        timer.start()
