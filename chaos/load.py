"""Runs a suite again and again, through REST v1: what people would notice of a fault.

The suite should take seconds and be green: then whatever is errored in a run is the fault's doing.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from chaos.conditions import Condition, Reading

_PATIENCE_SECONDS: Final = 10.0
_FINAL: Final = frozenset({"finished", "cancelled"})

ENDS: Final = Condition("a run comes to its end within five minutes", "", most=300)
IS_WHOLE: Final = Condition("every check of the last run was decided", "", most=0)


@dataclass(frozen=True, slots=True)
class Run:
    """What the platform says of a run."""

    id: str
    is_final: bool
    #: Checks of which nobody knows whether the API is right.
    errored: int


class Platform(Protocol):
    """Where a suite can be run. Both raise OSError where it does not answer or refuses."""

    def start(self) -> Run:
        """Start a run of the suite."""

    def get(self, run_id: str) -> Run:
        """How far a run is."""


class Rest:
    """A platform's REST v1, and one suite there."""

    def __init__(self, url: str, token: str, suite_id: str) -> None:
        self._url = f"{url.rstrip('/')}/api/v1"
        self._token = token
        self._suite_id = suite_id

    def start(self) -> Run:
        """Start a run of the suite."""
        return self._run(f"/suites/{self._suite_id}/runs", "POST")

    def get(self, run_id: str) -> Run:
        """How far a run is."""
        return self._run(f"/runs/{run_id}", "GET")

    def _run(self, path: str, method: str) -> Run:
        headers = {
            "Authorization": f"Bearer {self._token}",
            # It asks past the proxy: where people come by https it would be sent to it.
            "X-Forwarded-Proto": "https",
        }
        request = urllib.request.Request(  # noqa: S310 - the administrator's address
            self._url + path, method=method, headers=headers
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 - see above
            run = json.load(answer)
        return Run(run["id"], run["status"] in _FINAL, run["totals"]["errored"])


class Load:
    """One run after the other. Not thread-safe: who turns it reads it."""

    def __init__(self, platform: Platform, clock: Callable[[], float]) -> None:
        self._platform = platform
        #: Seconds, never set back.
        self._clock = clock
        self._running: Run | None = None
        #: When the running one was wanted: a platform that refuses to start it is late, too.
        self._since = clock()
        self.last: Run | None = None

    def turn(self) -> None:
        """Start a run or look after the one that is there; call it every second or so."""
        try:
            run = self._next()
        except OSError:
            return
        self._running = None if run.is_final else run
        if run.is_final:
            self.last = run
            self._since = self._clock()

    def _next(self) -> Run:
        if self._running is None:
            return self._platform.start()
        return self._platform.get(self._running.id)

    def bearable(self) -> Reading:
        """Whether the run that is going on may still be in time."""
        return Reading(ENDS, self._clock() - self._since)

    def steady(self) -> Reading:
        """Whether the last run was whole; unknown before the first one's end."""
        return Reading(IS_WHOLE, None if self.last is None else self.last.errored)
