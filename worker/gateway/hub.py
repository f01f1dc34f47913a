"""The thread on which all gateways of an engine run, and their opening and closing from outside."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeVar

from app.domain.network import NetworkPolicy
from app.domain.plans import Limits, Target
from app.domain.redaction import Redactor
from app.domain.results import Deletion
from worker.gateway.creations import Creations
from worker.gateway.dial import Dial
from worker.gateway.gateway import Gateway
from worker.gateway.passage import Passage
from worker.gateway.placeholders import Placeholders
from worker.gateway.recording import Recorder, Taken
from worker.gateway.rules import Origin
from worker.gateway.upstream import Timeouts

Result = TypeVar("Result")


#: Runs whose addresses are remembered; more than one runner ever works on at once.
_RUNS = 256


@dataclass(frozen=True, slots=True)
class Way:
    """Where a gateway leads and what it keeps."""

    run_id: str
    origin: Origin
    target: Target
    limits: Limits
    placeholders: Placeholders
    redactor: Redactor
    #: What is followed to clean up after the case; None where nobody wants that.
    creations: Creations | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A gateway that answers, as the engine's threads see it."""

    #: The descriptor for the case's process, on which it asks for connections.
    dial: int
    #: What was recorded since the last time.
    take: Callable[[], Taken]
    #: How what the case left behind was deleted; known when the gateway was closed.
    deletions: list[Deletion] = field(default_factory=list)


class Hub:
    """Runs gateways. May be used from several threads."""

    def __init__(
        self, timeouts: Timeouts | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._clock = clock
        self._passages: dict[tuple[str, Origin, NetworkPolicy, float], Passage] = {}
        self._lock = threading.Lock()
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
        """Serve one case; closing cleans up after it, which may take seconds."""
        recorder = Recorder(str(way.origin), way.redactor, way.limits.body_bytes, self._clock)
        gateway = Gateway(
            target=way.origin,
            headers=way.target.headers,
            identities=way.target.identities,
            placeholders=way.placeholders,
            redactor=way.redactor,
            recorder=recorder,
            passage=self._passage(way),
            tls=self._tls,
            timeouts=self._timeouts,
            clock=self._clock,
            creations=way.creations,
        )
        dial = Dial(gateway)
        descriptor = self._wait_for(dial.start())

        opened = Opened(descriptor, recorder.take)
        try:
            yield opened
        finally:
            opened.deletions.extend(self._wait_for(_close(gateway, dial)))

    def _passage(self, way: Way) -> Passage:
        """What the run's gateways share; the run that was remembered longest ago is forgotten."""
        network, pace = way.target.network, way.limits.requests_per_second
        with self._lock:
            key = (way.run_id, way.origin, network, pace)
            passage = self._passages.pop(key, None)
            passage = passage or Passage(way.origin, network, pace, self._clock)
            self._passages[key] = passage
            while len(self._passages) > _RUNS:
                del self._passages[next(iter(self._passages))]
            return passage

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reading the machine's authorities takes tens of milliseconds: done once."""
        return ssl.create_default_context()

    def _wait_for(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run on the loop, wait here."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


async def _close(gateway: Gateway, dial: Dial) -> tuple[Deletion, ...]:
    """One errand on the loop: every trip there and back costs a case time."""
    try:
        return await gateway.clean_up()
    finally:
        await dial.stop()
