"""How many real API descriptions load, and how fast tests of theirs are written.

Each is read and written for in a process of its own, whose memory is then its own too.
`python -m bench.generation.reading FILE` is such a process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from app.ai import offline
from app.errors import PlatformError
from app.openapi import reading as opening
from bench import figures
from bench.generation.apis import ROOT

_SHARED: Final = ROOT.parent / "shared" / "specs" / "dev"
_LIMIT_SECONDS: Final = 600.0
#: Of the names of descriptions, packed or not; a folder is one in several files.
_ENDINGS: Final = frozenset({".json", ".yaml", ".yml", ".zip"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one description."""

    name: str
    operations: int = 0
    #: Parts of it that were left out, each with a reason.
    problems: int = 0
    read_seconds: float = 0.0
    written_seconds: float = 0.0
    memory_mib: float = 0.0
    #: Why it was refused; empty where it loaded.
    refusal: str = ""


def table(folders: Sequence[Path]) -> Iterator[str]:
    """Lines on all descriptions in some folders, by default in the shared one where it is."""
    places = folders or ([_SHARED] if _SHARED.exists() else [])
    files = sorted(path for place in places for path in place.iterdir() if _is_description(path))
    if not files:
        yield "loading: no descriptions at hand; give a folder of them by --specs"
        return
    found = [_apart(path) for path in files]
    loaded = [each for each in found if not each.refusal]
    yield f"loading: {len(loaded)} of {len(found)} load ({len(loaded) / len(found):.1%})"
    yield from (f"  {each.name}: {each.refusal}" for each in found if each.refusal)
    head = ["the largest", "operations", "left out", "read s", "written s", "a second", "MiB"]
    largest = sorted(loaded, key=lambda each: each.operations, reverse=True)[:5]
    yield figures.aligned([head, *map(_line, largest)]) + "\n"


def _is_description(path: Path) -> bool:
    """Whether this is to be read: a list of the files that lies beside them is not."""
    return path.is_dir() or bool(_ENDINGS & set(path.suffixes))


def _line(found: Reading) -> list[str]:
    pace = found.operations / max(found.read_seconds + found.written_seconds, 0.001)
    counts = (found.operations, found.problems)
    seconds = (found.read_seconds, found.written_seconds, pace, found.memory_mib)
    return [found.name, *map(str, counts), *(f"{each:,.1f}" for each in seconds)]


def _apart(path: Path) -> Reading:
    command = [sys.executable, "-m", "bench.generation.reading", str(path)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        lines: Iterable[str] = error.stderr.strip().splitlines()
        return Reading(path.name, refusal=f"BROKE: {list(lines)[-1:]}")
    except subprocess.TimeoutExpired:
        return Reading(path.name, refusal=f"BROKE: more than {_LIMIT_SECONDS:.0f} s")
    return Reading(**json.loads(done.stdout))


def read(path: Path) -> Reading:
    """Read one, and write its tests."""
    began = time.perf_counter()
    try:
        description = opening.read(str(path))
    except PlatformError as error:
        return Reading(path.name, refusal=str(error))
    loaded = time.perf_counter()
    count = sum(1 for _ in offline.write_suite(description))
    written = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Reading(
        path.name, count, len(description.problems), loaded - began, written - loaded, peak
    )


if __name__ == "__main__":
    print(json.dumps(asdict(read(Path(sys.argv[1])))))
