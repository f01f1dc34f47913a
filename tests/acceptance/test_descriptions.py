"""Real and hostile descriptions: each loads, or is refused for a reason, within time and memory.

All of a folder are loaded by one child process (`loading_child`), whose memory is limited and in
which connections and files of the machine are noted.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import pytest

from tests.shared_material import ROOT, SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.xdist_group("descriptions")]

SPECS = SHARED / "specs"
#: What one load may take, of the processor: loading waits for nothing.
SECONDS = 10
#: Of 35 real descriptions, the problems there are to report: none is an operation lost.
PROBLEMS = {
    # Six references into files that are not part of the material.
    "azure-network-extref-2.0.yaml": 6,
    # The `examples` of one schema are an object, where JSON Schema has a list.
    "galaxy-3.1.json": 1,
}
#: Its paths are all references to files, so the manifest counted none.
LOB = "lob-multifile-3.0.d/lob-api-public.yml"
LOB_OPERATIONS = 105
#: Refused in the manifest, which is from before such files were read as descriptions.
READ_SINCE = frozenset({"14-postman.json"})
#: What the bad ones that load must give: where the manifest's words leave one answer.
OPERATIONS = {
    "10-utf8-bom.json": 1,
    "21-swagger-float.yaml": 1,
    "30-dup-operationid.json": 6,
    "31-operationid-collide.json": 4,
    "33-undeclared-path-param.json": 1,
    "44-ref-escapes.json": 1,
    "14-postman.json": 1,
    "54-10k-operations.json.gz": 10_000,
    "70-pathmethods.json": 8,
}


@dataclass(frozen=True)
class Row:
    """A line of a manifest."""

    file: str
    expect: str
    operations: int


@dataclass(frozen=True)
class Loaded:
    """What the child said of one description."""

    loaded: bool
    seconds: float
    seen: list[str]
    operations: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    detail: str = ""
    where: str = ""


def rows(folder: Literal["dev", "bad"]) -> list[Row]:
    manifest = SPECS / folder / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    with manifest.open(newline="") as file:
        return [
            Row(line["file"], line.get("expect", "accept"), int(line.get("operations", 0)))
            for line in csv.DictReader(file, delimiter="\t")
        ]


DEV, BAD = rows("dev"), rows("bad")


@cache
def results(folder: Literal["dev", "bad"]) -> dict[str, Loaded]:
    """Every description of a folder, loaded in one child; those in folders of their own as such."""
    here = SPECS / folder
    files = [row.file for row in (DEV if folder == "dev" else BAD)]
    lines = [json.dumps([str(here / file), str(root_of(here, file))]) for file in files]
    done = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.loading_child"],
        input="\n".join(lines),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [Loaded(**json.loads(line)) for line in done.stdout.splitlines()]
    return dict(zip(files, answers, strict=True))


def root_of(here: Path, file: str) -> Path:
    """The folder a description with several files came in, else that of all descriptions."""
    top = Path(file).parts[0]
    return here / top if top.endswith(".d") else here


def behaved(result: Loaded) -> Iterator[str]:
    """What a load did that none may do."""
    if result.seconds > SECONDS:
        yield f"took {result.seconds:.1f} seconds"
    if result.seen or result.leaks:
        yield f"touched {result.seen} and told {result.leaks}"
    if not result.loaded and not (result.detail and result.where):
        yield "was refused without saying what and where"


@pytest.mark.parametrize("row", DEV, ids=lambda row: row.file)
def test_a_real_description_loads_with_every_operation(row: Row) -> None:
    result = results("dev")[row.file]
    assert result.loaded, result.detail
    assert result.operations == (LOB_OPERATIONS if row.file == LOB else row.operations)
    assert len(result.problems) == PROBLEMS.get(row.file, 0), result.problems[:5]
    assert list(behaved(result)) == []


@pytest.mark.parametrize("row", BAD, ids=lambda row: row.file)
def test_a_bad_description_is_answered_as_it_should_be(row: Row) -> None:
    result = results("bad")[row.file]
    if row.file in READ_SINCE:
        assert result.loaded
    elif row.expect != "either":
        assert result.loaded is (row.expect == "accept"), result.detail or result.problems
    if row.file in OPERATIONS:
        assert result.operations == OPERATIONS[row.file]
    assert list(behaved(result)) == []


def test_no_marker_of_executed_code_is_left() -> None:
    results("bad")
    assert not list(Path("/tmp").glob("testops_pwned*"))  # noqa: S108 - where the material would write


def test_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    dev, bad = results("dev"), results("bad")
    loaded = sum(result.loaded for result in dev.values())
    operations = sum(result.operations for result in dev.values())
    answers = Counter((row.expect, bad[row.file].loaded) for row in BAD)
    slowest = max(result.seconds for result in (*dev.values(), *bad.values()))
    with capsys.disabled():
        print(  # noqa: T201 - the figures are asked for
            f"\ndev: {loaded} of {len(DEV)} loaded, {operations} operations;"
            f" bad: {answers['accept', True]} accepted and {answers['reject', False]} rejected as"
            f" asked, {answers['either', True]} + {answers['either', False]} left open;"
            f" slowest {slowest:.1f} s"
        )
    assert (loaded, len(bad)) == (35, 73)
