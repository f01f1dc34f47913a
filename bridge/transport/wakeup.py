"""Wakes a thread that waits on file descriptors: Celery's event loop, or `drain_events`."""

from __future__ import annotations

import os
import selectors
import threading


class Wakeup:
    """A flag with a file descriptor that is readable while the flag is set."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        self._lock = threading.Lock()
        self._is_set = False
        self._is_closed = False

    def fileno(self) -> int:
        """What to wait on for reading."""
        return self._reader

    def set(self) -> None:
        """Wake whoever waits, or will; from any thread, also after the end."""
        with self._lock:
            if not self._is_set and not self._is_closed:
                self._is_set = True
                os.write(self._writer, b"!")

    def clear(self) -> None:
        """Take the flag down; look for work after this, not before."""
        with self._lock:
            if self._is_set:
                self._is_set = False
                os.read(self._reader, 1)

    def wait(self, seconds: float | None) -> bool:
        """Wait for the flag, for ever if None; false when out of time."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reader, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def close(self) -> None:
        """Give the descriptors back."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                os.close(self._reader)
                os.close(self._writer)
