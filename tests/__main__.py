"""`python -m tests [PYTEST ARGUMENTS]`: every test with coverage, on the real parts that are here.

Without arguments everything runs, and less than full coverage fails. With arguments pytest gets
them, and coverage is told but decides nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile

import pytest

from tests.deploy import rendering
from tests.kafka_server import broker
from tests.shared_material import ROOT, SHARED

#: Two at a time; tests that share a costly part stay on one worker.
PYTEST = ("-n", "2", "--dist", "loadgroup", "--cov", "--cov-report", "term-missing:skip-covered")


def absent() -> list[str]:
    """The real parts that this machine lacks, each with what it costs."""
    found = []
    if reason := broker.missing():
        found.append(f"{reason}; tests against a real broker are skipped.")
    if shutil.which("chromium") is None:
        found.append("Chromium is missing; tests in a browser are skipped.")
    if rendering.missing():
        found.append("Helm is missing (make setup-deploy); tests of the chart are skipped.")
    if not SHARED.is_dir():
        found.append("The folder ../shared is missing; tests on its API descriptions are skipped.")
    return found


def main(arguments: list[str]) -> int:
    """Fetch what the tests need, run them, and give pytest's exit status."""
    os.chdir(ROOT)
    # A shell has what it starts in the background ignore Ctrl-C; so would all that tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Some containers forbid it, and each of the processes that tests start would compile it all.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for line in absent():
        sys.stderr.write(f"{line}\n")
    if not broker.missing():
        broker.jars()
    limit = ["--cov-fail-under", "0"] if arguments else []
    with tempfile.TemporaryDirectory(prefix="testops-coverage-") as folder:
        # Another run in this folder would take the data of this one for its own.
        os.environ.setdefault("COVERAGE_FILE", f"{folder}/data")
        return pytest.main([*PYTEST, *limit, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
