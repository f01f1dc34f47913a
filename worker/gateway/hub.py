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

from app.domain import grants
from app.domain.grants import Grant
from app.domain.network import NetworkPolicy
from app.domain.plans import Limits, Target
from app.domain.redaction import Redactor
from app.domain.results import Deletion
from worker.gateway.bearing import Bearers
from worker.gateway.creations import Creations
from worker.gateway.dial import Dial
from worker.gateway.gateway import Gateway
from worker.gateway.passage import Passage
from worker.gateway.placeholders import Placeholders
from worker.gateway.recording import Recorder, Taken
from worker.gateway.replaying import Reel
from worker.gateway.rules import Origin
from worker.gateway.sessions import Session
from worker.gateway.upstream import Timeouts

Result = TypeVar("Result")
Key = TypeVar("Key")
Kept = TypeVar("Kept")

#: Runs whose addresses and tokens are remembered; more than one runner ever works on at once.
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
    #: What answers in the target's place; None where the target is asked.
    reel: Reel | None = None


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
        self._sessions: dict[tuple[str, str, Grant, NetworkPolicy], Session] = {}
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
            bearers=self._bearers(way),
            placeholders=way.placeholders,
            redactor=way.redactor,
            recorder=recorder,
            passage=self._passage(way),
            tls=self._tls,
            timeouts=self._timeouts,
            clock=self._clock,
            creations=way.creations,
            reel=way.reel,
        )
        dial = Dial(gateway)
        descriptor = self._wait_for(dial.start())

        take = recorder.take if way.reel is None else way.reel.turning(recorder.take)
        opened = Opened(descriptor, take)
        try:
            yield opened
        finally:
            opened.deletions.extend(self._wait_for(_close(gateway, dial)))

    def sign_in(self, run_id: str, target: Target) -> None:
        """Get a token for each identity that needs one and has none; may take seconds.

        Raises TargetError where there is none, InvalidInputError where a grant cannot be read.
        """
        for session in self._sessions_of(run_id, target).values():
            self._wait_for(session.token())

    def _bearers(self, way: Way) -> Bearers:
        sessions = self._sessions_of(way.run_id, way.target)
        return Bearers.of(way.target.identities, sessions, salt=way.run_id)

    def _sessions_of(self, run_id: str, target: Target) -> dict[str, Session]:
        """What the run's gateways share, by the identity's name."""
        return {
            name: self._session(run_id, name, grant, target.network)
            for name, grant in grants.of_identities(target.identities).items()
        }

    def _session(self, run_id: str, name: str, grant: Grant, network: NetworkPolicy) -> Session:
        def make() -> Session:
            return Session(name, grant, network, self._tls, self._timeouts, self._clock)

        return self._kept(self._sessions, (run_id, name, grant, network), make)

    def _passage(self, way: Way) -> Passage:
        """What the run's gateways share."""
        network, pace = way.target.network, way.limits.requests_per_second

        def make() -> Passage:
            return Passage(way.origin, network, pace, self._clock)

        return self._kept(self._passages, (way.run_id, way.origin, network, pace), make)

    def _kept(self, known: dict[Key, Kept], key: Key, make: Callable[[], Kept]) -> Kept:
        """What there is once for a key; the one that was wanted longest ago is forgotten."""
        with self._lock:
            kept = known.pop(key, None)
            known[key] = make() if kept is None else kept
            while len(known) > _RUNS:
                del known[next(iter(known))]
            return known[key]

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
