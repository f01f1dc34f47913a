"""Wakes the requests that wait for a change, each for its own; one listener serves a process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from app.listening import Listener

#: How soon the thread notices that nobody waits any more.
_TURN_SECONDS: Final = 1.0


class Board:
    """Who waits for what. Thread-safe; its thread lives while somebody waits."""

    def __init__(self, listen: Callable[[], Listener], most: int) -> None:
        self._listen = listen
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._waiting: dict[threading.Event, str] = {}
        self._thread: threading.Thread | None = None

    def reserve(self) -> bool:
        """Take a place, to be given back by `release`; false where all are taken."""
        return self._free.acquire(blocking=False)

    def release(self) -> None:
        """Give a place back."""
        self._free.release()

    def readers(self, subject: str) -> int:
        """How many wait for a subject now."""
        with self._lock:
            return sum(waited_for == subject for waited_for in self._waiting.values())

    @contextmanager
    def watch(self, subject: str) -> Iterator[threading.Event]:
        """An event that is set whenever the subject may have changed."""
        changed = threading.Event()
        with self._lock:
            self._waiting[changed] = subject
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="board", daemon=True)
                self._thread.start()
        try:
            yield changed
        finally:
            with self._lock:
                del self._waiting[changed]

    def _run(self) -> None:
        with closing(self._listen()) as listener:
            while self._is_wanted():
                self._wake(listener.wait(_TURN_SECONDS))

    def _is_wanted(self) -> bool:
        with self._lock:
            if not self._waiting:
                self._thread = None
            return bool(self._waiting)

    def _wake(self, subjects: frozenset[str] | None) -> None:
        with self._lock:
            for changed, subject in self._waiting.items():
                if subjects is None or subject in subjects:
                    changed.set()
