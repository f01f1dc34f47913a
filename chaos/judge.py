"""`python -m chaos.judge`: answers by its status whether the platform is as it should be.

Chaos Mesh knows of a check its status only (StatusCheck, HTTP), so numbers have to become one:
`/steady` and `/bearable` answer 200 where every condition holds, else 503, and say in JSON what was
measured. The judge also runs a suite again and again: see `chaos.load`.

Environment: CHAOS_PROMETHEUS (URL), CHAOS_MATCHERS (PromQL, as `namespace="testops-dev"`),
CHAOS_PLATFORM (URL), CHAOS_TOKEN (of REST v1), CHAOS_SUITE (id), CHAOS_PORT (8080).
"""

from __future__ import annotations

import http.server
import json
import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from chaos import conditions
from chaos.conditions import Ask, Reading
from chaos.load import Load, Rest
from chaos.prometheus import Prometheus

_EVERY_SECONDS: Final = 1.0
_PORT: Final = "8080"

Verdicts = Mapping[str, Callable[[], Sequence[Reading]]]


class Judge:
    """Reads the conditions of both kinds. Thread-safe."""

    def __init__(self, ask: Ask, load: Load, matchers: str = "") -> None:
        self._ask = ask
        self._load = load
        self._matchers = matchers
        self._lock = threading.Lock()

    def turn(self) -> None:
        """Keep the load going."""
        with self._lock:
            self._load.turn()

    def bearable(self) -> list[Reading]:
        """What must hold at any time."""
        with self._lock:
            ends = self._load.bearable()
        return [ends, *conditions.read(conditions.BEARABLE, self._ask, self._matchers)]

    def steady(self) -> list[Reading]:
        """What must hold before anything is broken, and after it was mended."""
        with self._lock:
            load = [self._load.bearable(), self._load.steady()]
        return [*load, *conditions.read(conditions.STEADY, self._ask, self._matchers)]


def answer(readings: Sequence[Reading]) -> tuple[int, bytes]:
    """The status and the body (JSON) that tell of readings."""
    told = {
        each.condition.name: {
            "holds": each.holds,
            # JSON has no NaN.
            "value": None if each.value is None or math.isnan(each.value) else each.value,
            "most": each.condition.most,
        }
        for each in readings
    }
    status = 200 if all(each.holds for each in readings) else 503
    return status, json.dumps(told, indent=2).encode()


def server(judge: Judge, port: int) -> http.server.ThreadingHTTPServer:
    """What answers for a judge, on all addresses; port 0 takes a free one."""
    verdicts: Verdicts = {"/steady": judge.steady, "/bearable": judge.bearable}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            verdict = verdicts.get(self.path)
            status, body = answer(verdict()) if verdict else (404, b"{}")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_parts: object) -> None:
            """Say nothing: Chaos Mesh keeps the answers."""

    return http.server.ThreadingHTTPServer(("", port), Handler)


def main(environment: Mapping[str, str]) -> None:
    """Serve, and run the suite, until ended."""
    rest = Rest(
        environment["CHAOS_PLATFORM"], environment["CHAOS_TOKEN"], environment["CHAOS_SUITE"]
    )
    judge = Judge(
        Prometheus(environment["CHAOS_PROMETHEUS"]).ask,
        Load(rest, time.monotonic),
        environment.get("CHAOS_MATCHERS", ""),
    )
    serving = server(judge, int(environment.get("CHAOS_PORT", _PORT)))
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    while True:
        judge.turn()
        # A run takes seconds, and nothing tells when it ends: looking more often would be a load.
        time.sleep(_EVERY_SECONDS)


if __name__ == "__main__":
    main(os.environ)
