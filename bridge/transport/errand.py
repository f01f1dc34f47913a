"""Calls that may block, each in a thread of its own, for a thread that must never wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Errand(Generic[T]):
    """A call that begins at once; whoever sent it looks in from time to time."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._outcome: Future[T] = Future()
        self._call = call
        threading.Thread(target=self._run, name="kafka-errand", daemon=True).start()

    def is_over(self) -> bool:
        """Whether the result is there."""
        return self._outcome.done()

    def result(self) -> T:
        """What the call returned; waits for it, and raises what it raised."""
        return self._outcome.result()

    def _run(self) -> None:
        try:
            self._outcome.set_result(self._call())
        except Exception as error:  # noqa: BLE001 - told to whoever asks for the result
            self._outcome.set_exception(error)
