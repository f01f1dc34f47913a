"""APIs on loopback, each in a process of its own, and how often they were asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.generation import parts
from bench.generation.applications import CORRECT
from demo import switches

ROOT: Final = Path(__file__).resolve().parents[2]
_APPLICATIONS: Final = "bench.generation.applications"


@dataclass(slots=True)
class Served:
    """An API that answers."""

    base_url: str
    #: Where its description is: an address or a file.
    description: str
    #: "Name: value", sent with every request.
    headers: tuple[str, ...] = ()
    #: "name=Name: value", the main user first.
    identities: tuple[str, ...] = ()
    #: How often it was asked; known when it has ended.
    requests: int = 0


#: A way to start an API; it is ended with the context.
Start = Callable[[], AbstractContextManager[Served]]


@dataclass(frozen=True, slots=True)
class Faulty:
    """An API whose faults can be switched on one at a time."""

    name: str
    start: Callable[[str], AbstractContextManager[Served]]
    faults: tuple[str, ...] = field(repr=False)


@contextmanager
def served(
    *arguments: str, description: str = "/openapi.json", identities: Sequence[str] = ()
) -> Iterator[Served]:
    """An application of this environment, as `bench.generation.serving` serves it."""
    command = [sys.executable, "-m", "bench.generation.serving", *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("It was started with pipes.")
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"{arguments[0]} could not be served; what it said is above.")
        api = Served(url, f"{url}{description}", identities=tuple(identities))
        try:
            yield api
        finally:
            process.stdin.close()
            api.requests = int(process.stdout.readline() or 0)


def library(fault: str = CORRECT) -> AbstractContextManager[Served]:
    """The demo."""
    return served(f"{_APPLICATIONS}:library", fault)


def spare_parts(fault: str = CORRECT) -> AbstractContextManager[Served]:
    """The API with ten faults that fuzzers miss."""
    return served(f"{_APPLICATIONS}:spare_parts", fault)


def httpbin() -> AbstractContextManager[Served]:
    """httpbin, as it is on PyPI."""
    return served("httpbin:app", description="/spec.json")


def faulty() -> Iterator[Faulty]:
    """The APIs with faults: the demo, the spare parts, and the task tracker where it is at hand."""
    yield Faulty("demo", library, tuple(fault.name for fault in switches.FAULTS))
    yield Faulty("ten faults", spare_parts, tuple(fault.name for fault in parts.Fault))
    tracker = ROOT.parent / "shared" / "mutants" / "app.py"
    if tracker.exists():
        yield _tracker(tracker)


def _tracker(path: Path) -> Faulty:
    users = ("alice=Authorization: Bearer tok-alice", "bob=Authorization: Bearer tok-bob")

    def start(fault: str) -> AbstractContextManager[Served]:
        return served(f"{_APPLICATIONS}:seeded", str(path), fault, identities=users)

    return Faulty("task tracker", start, tuple(str(number) for number in range(1, 41)))
