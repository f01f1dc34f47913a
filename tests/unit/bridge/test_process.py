"""Signals and metrics of processes without HTTP."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.shared_material import ROOT

PROGRAM = """
import os, signal, socket, urllib.request
from app.settings import RunnerSettings
from bridge import process

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
key = "a secret key that is only for tests"
process.serve_metrics(RunnerSettings(secret_key=key))
process.serve_metrics(RunnerSettings(secret_key=key, metrics_port=port))
print(urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").status)
stop = process.until_told()
print(stop.is_set())
os.kill(os.getpid(), signal.SIGTERM)
print(stop.wait(20))
"""


def test_metrics_answer_on_the_port_that_is_set_and_sigterm_is_obeyed() -> None:
    environment = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout.split() == ["200", "False", "True"]
