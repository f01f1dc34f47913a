"""Tries a module in the cage against an API that answers every request with nonsense.

A check that can fail has to fail here: what passes would pass against any API. No request of it
reaches anybody; the API is a thread of ours that reads nothing of what it is asked.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CheckFinished
from worker.engine import Engine

#: Nobody waits in it for an API, so that a few seconds are many.
LIMITS = Limits(case_seconds=30.0, check_seconds=5.0, cpu_seconds=20, requests_per_second=0.0)
STATUS = 500
BODY = b"out of order"
#: The rest of a message says nothing that a reader of a few lines wants.
_MESSAGE_LENGTH = 400


@dataclass(slots=True)
class Verdicts:
    """What came of a module."""

    #: Why it could not be run to its end; empty where it could.
    broken: str = ""
    #: By the check's name, what is wrong with it.
    problems: dict[str, str] = field(default_factory=dict)


class Nonsense:
    """An API on loopback whose every answer is wrong; a context manager."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def handle_one_request(self) -> None:
        """Answer, whatever was asked: the request's body is not waited for."""
        self.close_connection = True
        self.raw_requestline = self.rfile.readline(65537)
        if self.raw_requestline and self.parse_request():
            self.send_response(STATUS)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(BODY)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""


def tried(engine: Engine, url: str, module: str, script: str, contract: str) -> Verdicts:
    """Run a module's checks; `url` is that of a `Nonsense`. Blocks for seconds.

    Raises UnavailableError where the engine has no process for it.
    """
    target = Target(url, network=NetworkPolicy(allow_private=True))
    case = PlannedCase("trial", "", module, script)
    shard = Shard(
        str(uuid.uuid4()), 0, 1, target, (case,), contract, limits=LIMITS, cleans_up=False
    )
    verdicts = Verdicts()
    for event in engine.execute(shard):
        if isinstance(event, CheckFinished):
            if problem := _problem(event):
                verdicts.problems[event.check] = problem
        elif isinstance(event, CaseFinished):
            verdicts.broken = event.message[:_MESSAGE_LENGTH]
    return verdicts


def _problem(event: CheckFinished) -> str:
    """What is wrong with a check; nothing where it failed, or said what it lacks."""
    if event.outcome is Outcome.PASSED:
        return (
            f"It passes against an API that answers every request with status {STATUS} and the "
            "text 'out of order': assert what the description says of the answer."
        )
    if event.outcome is Outcome.ERRORED:
        return (
            f"Against an API that answers every request with status {STATUS} and a text it does "
            f"not fail but break: {event.message[:_MESSAGE_LENGTH]} Assert the status first."
        )
    return ""
