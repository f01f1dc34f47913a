"""Tests that are written offline, run by the engine against an API on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from werkzeug.serving import make_server

from app.ai import contracts, offline
from app.domain.network import NetworkPolicy
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CheckFinished
from app.openapi import loading
from worker.engine import Engine


@dataclass(frozen=True, slots=True)
class Written:
    """The cases of a description, and their contract."""

    cases: tuple[PlannedCase, ...]
    contract: str


def written(description: bytes) -> Written:
    """What the offline writer makes of a description."""
    described = loading.load_bytes(description, origin="http://127.0.0.1/openapi.json")
    cases = (
        PlannedCase(case.module, case.operation, case.module, case.script)
        for case in offline.write_suite(described)
    )
    return Written(tuple(cases), json.dumps(contracts.contract_of(described)))


def executed(
    engine: Engine,
    suite: Written,
    base_url: str,
    *,
    operation: str = "",
    users: Mapping[str, Mapping[str, str]] | None = None,
) -> list[CheckFinished]:
    """Every check's end: of one operation, or of all."""
    shard = Shard(
        run_id="scan",
        number=0,
        attempt=1,
        target=Target(
            base_url, network=NetworkPolicy(("127.0.0.1",)), identities=dict(users or {})
        ),
        cases=tuple(case for case in suite.cases if operation in {"", case.operation}),
        contract=suite.contract,
    )
    return [event for event in engine.execute(shard) if isinstance(event, CheckFinished)]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The base URL of an application that is served meanwhile."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
