"""A target to test against, and the short way from a script to the events of its run."""

from __future__ import annotations

import gzip
import json
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CheckFinished, Event
from worker.cage.layers import Layer
from worker.cage.wish import Wish

#: A cage that lets cases do what tests of the engine want to see: write here, start programs, and
#: leave their measurements. What the other layers keep from them is tested in the folder `sandbox`.
LIGHT = Wish(layers=frozenset({Layer.DEATH, Layer.LIMITS, Layer.NO_NEW_RIGHTS}))

#: What a script starts with: `send(path)` asks the target through the gateway, as the SDK does.
PRELUDE = """
import os
import signal
import sys
import time

import httpx
import pytest

from testops import dial

DESCRIPTOR = int(os.environ["TESTOPS_GATEWAY"])
CLIENT = httpx.Client(transport=dial.Transport(DESCRIPTOR), trust_env=False)


def send(path="/echo", method="GET", target=None, **more):
    headers = {"X-Testops-Target": target or os.environ["TESTOPS_BASE_URL"]}
    headers |= more.pop("headers", {})
    return CLIENT.request(method, dial.GATEWAY + path, headers=headers, **more)

"""


#: Where the targets of these tests are.
LOOPBACK = NetworkPolicy(("127.0.0.1",))


def planned(script: str, *, case_id: str = "c1", module: str = "test_it.py") -> PlannedCase:
    return PlannedCase(case_id, "GET /echo", module, PRELUDE + textwrap.dedent(script))


def shard_of(
    *scripts: str,
    base_url: str = "http://127.0.0.1:9",
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    secrets: Mapping[str, str] | None = None,
    network: NetworkPolicy = LOOPBACK,
    run_id: str = "r1",
    retries: int = 0,
    contract: str = "{}",
    cleans_up: bool = True,
    identities: Mapping[str, Mapping[str, str]] | None = None,
) -> Shard:
    cases = tuple(planned(script, case_id=f"c{n}") for n, script in enumerate(scripts, 1))
    return Shard(
        run_id=run_id,
        number=0,
        attempt=1,
        target=Target(base_url, headers or {}, secrets or {}, network, identities or {}),
        cases=cases,
        contract=contract,
        limits=limits or Limits(case_seconds=20),
        retries=retries,
        cleans_up=cleans_up,
    )


def checks(events: Iterable[Event]) -> dict[str, CheckFinished]:
    """The finished checks by name; each only once."""
    found: dict[str, CheckFinished] = {}
    for event in events:
        if isinstance(event, CheckFinished):
            assert event.check not in found
            found[event.check] = event
    return found


def verdicts(events: Iterable[Event]) -> dict[str, Outcome]:
    return {name: check.outcome for name, check in checks(events).items()}


def ends(events: Iterable[Event]) -> list[CaseFinished]:
    return [event for event in events if isinstance(event, CaseFinished)]


@dataclass
class TargetServer:
    """An HTTP server on loopback that remembers what it was asked."""

    url: str
    #: Method, path and headers (lower case names) of every request.
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    #: Requests to /slow are answered when this is set.
    release: threading.Event = field(default_factory=threading.Event)
    #: What requests about one book are answered with.
    about_books: tuple[int, bytes] = (204, b"")

    def asked(self, path: str) -> list[str]:
        """The methods with which a path was asked."""
        return [method for method, place, _ in self.seen if place == path]


@contextmanager
def target_server() -> Iterator[TargetServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    target = server.target = TargetServer(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined] # for the handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield target
    finally:
        target.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)

    def _any(self) -> None:
        target: TargetServer = self.server.target  # type: ignore[attr-defined] # set above
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.asked = {name.lower(): value for name, value in self.headers.items()}
        self.target = target
        target.seen.append((self.command, self.path, self.asked))
        route = self.path.partition("?")[0].strip("/").replace("/", "_")
        if route.startswith("books_"):
            self.answer(*self.target.about_books)
        else:
            getattr(self, f"at_{route}", self.at_missing)()

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def at_missing(self) -> None:
        self.answer(404, b"no such thing")

    def at_echo(self) -> None:
        text = json.dumps({"headers": self.asked, "body": self.body.decode("latin-1")}).encode()
        self.answer(200, text, ("Content-Type", "application/json"), ("X-Odd-CASE", "kept"))

    def at_zipped(self) -> None:
        text = gzip.compress(self.asked.get("authorization", "nobody").encode())
        self.answer(200, text, ("Content-Encoding", "gzip"))

    def at_moved(self) -> None:
        self.answer(302, b"", ("Location", "/echo"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))

    def at_empty(self) -> None:
        self.send_response(204)
        self.end_headers()

    def at_books(self) -> None:
        """Makes one, with the next number as its id."""
        number = len(self.target.asked("/books"))
        text = json.dumps({"id": number, "title": "T"}).encode()
        self.answer(201, text, ("Content-Type", "application/json"))

    def at_flaky(self) -> None:
        """Wrong the first time, right from then on."""
        self.answer(500 if len(self.target.asked("/flaky")) == 1 else 200, b"")

    def at_chunked(self) -> None:
        self.answer(200, b"3\r\nabc\r\n0\r\n\r\n", ("Transfer-Encoding", "chunked"))

    def at_large(self) -> None:
        self.answer(200, b"x" * 100_000)

    def at_slow(self) -> None:
        self.target.release.wait(30)
        self.answer(200, b"late")

    def at_closing(self) -> None:
        self.answer(200, b"bye", ("Connection", "close"))
        self.close_connection = True

    def at_dropped(self) -> None:
        self.close_connection = True

    def at_spoofed(self) -> None:
        self.answer(200, b"", ("X-Testops-Gateway-Error", "made up"))

    def log_message(self, *_: object) -> None:
        """Nothing: what the server saw is in `seen`."""
