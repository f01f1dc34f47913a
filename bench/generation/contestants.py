"""What finds faults: a scan by `testops`, and `schemathesis run`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.outcomes import Outcome
from bench.generation.apis import ROOT, Served

_LIMIT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Report:
    """What one run of a contestant came to."""

    #: What failed: an operation, and what of it.
    failing: frozenset[tuple[str, str]]
    seconds: float
    #: Checks by outcome; empty where the contestant counts none.
    outcomes: Mapping[str, int] = field(default_factory=dict)
    #: The first message of each that failed.
    messages: Mapping[tuple[str, str], str] = field(default_factory=dict)


#: Tests an API and tells what failed.
Contestant = Callable[[Served], Report]


def testops(api: Served) -> Report:
    """`testops scan` with nothing but the description, the address and the users."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scan.json"
        command = [sys.executable, "-c", "from app.cli import main; main()", "scan"]
        options = ["--base-url", api.base_url, "--json", str(out)]
        users = [part for text in api.identities for part in ("--identity", text)]
        headers = [part for text in api.headers for part in ("--header", text)]
        seconds = _run([*command, api.description, *options, *users, *headers])
        checks = json.loads(out.read_text(encoding="utf-8"))["checks"]
    bad = {Outcome.FAILED.value, Outcome.ERRORED.value}
    messages = {
        (one["operation"], one["check"]): str(one.get("message"))
        for one in checks
        if one["outcome"] in bad
    }
    outcomes = Counter(one["outcome"] for one in checks)
    return Report(frozenset(messages), seconds, outcomes, messages)


def schemathesis(executable: Path) -> Contestant:
    """`schemathesis run` with all its checks and else as it comes, as the first user."""

    def run(api: Served) -> Report:
        headers = [*api.headers, *(text.partition("=")[2] for text in api.identities[:1])]
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "report.json"
            options = ["--checks", "all", "--seed", "1", "--report-json-path", str(out)]
            given = [part for text in headers for part in ("--header", text)]
            command = [str(executable), "run", api.description, "--url", api.base_url]
            seconds = _run([*command, *options, *given], folder)
            failures = json.loads(out.read_text(encoding="utf-8"))["failures"]
        found = {(place, one["type"]) for one in failures for place in one["operations"]}
        return Report(frozenset(found), seconds)

    return run


def _run(command: list[str], folder: str | None = None) -> float:
    """The seconds that a command took; its exit status says only whether something failed."""
    began = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder or ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    return time.perf_counter() - began
