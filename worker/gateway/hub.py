"""The thread on which all gateways of an engine run, and their opening and closing from outside."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeVar

from app.domain.redaction import Redactor
from app.domain.results import Exchange
from worker.gateway.dial import Dial
from worker.gateway.gateway import Gateway, Timeouts
from worker.gateway.recording import Recorder
from worker.gateway.rules import Origin

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a gateway leads and what it keeps."""

    target: Origin
    #: Added to every request.
    headers: Mapping[str, str]
    redactor: Redactor
    #: Kept of each body.
    body_bytes: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A gateway that answers, as the engine's threads see it."""

    #: The descriptor for the case's process, on which it asks for connections.
    dial: int
    #: What was recorded since the last time.
    take: Callable[[], tuple[Exchange, ...]]


class Hub:
    """Runs gateways. May be used from several threads."""

    def __init__(
        self, timeouts: Timeouts | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateways", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the thread; every gateway was closed before."""
        self._wait_for(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @contextmanager
    def open(self, way: Way) -> Iterator[Opened]:
        """Serve one case."""
        recorder = Recorder(str(way.target), way.redactor, way.body_bytes, self._clock)
        dial = Dial(
            Gateway(way.target, way.headers, way.redactor, recorder, self._tls, self._timeouts)
        )
        descriptor = self._wait_for(dial.start())

        async def take() -> tuple[Exchange, ...]:
            return recorder.take()

        try:
            yield Opened(descriptor, lambda: self._wait_for(take()))
        finally:
            self._wait_for(dial.stop())

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reading the machine's authorities takes tens of milliseconds: done once."""
        return ssl.create_default_context()

    def _wait_for(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run on the loop, wait here."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
