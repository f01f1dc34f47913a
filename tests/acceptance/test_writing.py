"""Every description there is, real and hostile, becomes modules that compile and are collected.

What is written of a hostile description is also run, with no server to be reached: it may not pass,
and nothing in it may have become code, which would leave a marker file behind.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from app.ai import contracts, offline
from app.ai.offline import WrittenCase
from app.errors import DescriptionError
from app.openapi import reading
from app.openapi.model import ApiDescription
from tests.shared_material import ROOT, SHARED, needs_shared

pytestmark = needs_shared

SPECS = SHARED / "specs"
#: Of a hostile description with thousands of operations, so many modules are collected and run.
RUN = 50
#: Of a real one so many are collected; pytest takes longer than we do.
COLLECTED = 50
#: Operations written a second, measured as coverage slows it down on a machine that does other
#: things too; `make bench-generation` tells the pace.
PACE = 12
#: No process listens on the discard port of loopback.
NOBODY = "http://127.0.0.1:9"


class Hostile(NamedTuple):
    """The folder of all hostile projects, and what was written into each folder below it."""

    top: Path
    written: Mapping[Path, Sequence[WrittenCase]]


def listed(folder: str) -> list[str]:
    """The files of a manifest."""
    manifest = SPECS / folder / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    with manifest.open(newline="") as file:
        return [line["file"] for line in csv.DictReader(file, delimiter="\t")]


def loaded(folder: str, file: str) -> ApiDescription:
    top = Path(file).parts[0]
    root = SPECS / folder / top if top.endswith(".d") else SPECS / folder
    return reading.read(str(SPECS / folder / file), root=root)


def checks_in(case: WrittenCase) -> int:
    """How many checks a case has; compiles it on the way."""
    compile(case.script, case.module, "exec")
    body = ast.parse(case.script).body
    functions = (each for each in body if isinstance(each, ast.FunctionDef))
    return sum(each.name.startswith("test_") for each in functions)


def pytest_on(folder: Path, *arguments: str | Path, **environment: str) -> str:
    """The last line of what pytest says about modules in a folder."""
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "pytest.ini",
         "--rootdir", folder, "--tb=no", "-p", "testops.plugin", *arguments, "."],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def collected(top: Path, written: Mapping[Path, Sequence[WrittenCase]]) -> int:
    """How many checks pytest finds in the cases, each written into its folder below `top`."""
    (top / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib -p no:schemathesis\n", "utf-8"
    )
    for folder, cases in written.items():
        for case in cases:
            (folder / case.module).write_text(case.script, "utf-8")
    # Assertions of a written module stand in testops, so rewriting the module is left out.
    summary = pytest_on(top, "--collect-only", "--assert=plain")
    found = re.match(r"(\d+) tests? collected in", summary)
    assert found, summary
    return int(found[1])


@pytest.mark.parametrize("file", listed("dev"))
def test_every_operation_of_a_real_description_has_a_case_that_is_collected(
    file: str, tmp_path: Path
) -> None:
    description = loaded("dev", file)
    start = time.process_time()
    cases = list(offline.write_suite(description))
    seconds = time.process_time() - start
    contract = contracts.contract_of(description)

    checks = sum(map(checks_in, cases))
    skipped = sum(case.script.count("@pytest.mark.skip") for case in cases)
    needing = sum(bool(case.notes) for case in cases)
    figures = f"{len(cases)} cases, {checks} checks, {skipped} skipped, {needing} with notes"
    operations = len(description.operations)
    print(f"{file}: {operations} operations, {figures}")  # noqa: T201 - the figures are the report
    assert [case.operation for case in cases] == [each.key for each in description.operations]
    assert len({case.module.lower() for case in cases}) == len(cases)
    assert contract["operations"].keys() == {case.operation for case in cases}
    assert len(cases) >= PACE * (seconds - 1)
    some = cases[:: len(cases) // COLLECTED + 1]
    assert not some or collected(tmp_path, {tmp_path: some}) == sum(map(checks_in, some))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """What is written of every hostile description that loads, a folder each."""
    top = tmp_path_factory.mktemp("hostile")
    written = {}
    for file in listed("bad"):
        try:
            description = loaded("bad", file)
        except DescriptionError:
            continue
        # Of ten thousand operations some hundreds are as hostile as all.
        some = description.operations[:: len(description.operations) // 300 + 1]
        cases = list(offline.write_suite(description, some))
        assert [case.operation for case in cases] == [each.key for each in some]
        folder = top / file.partition(".")[0]
        folder.mkdir()
        contract = json.dumps(contracts.contract_of(description))
        (folder / "contract.json").write_text(contract, "utf-8")
        written[folder] = cases
    return Hostile(top, written)


def test_names_of_hostile_modules_are_plain(hostile: Hostile) -> None:
    for cases in hostile.written.values():
        assert len({case.module for case in cases}) == len(cases)
        for case in cases:
            assert re.fullmatch(r"test_[a-z0-9_]{1,92}\.py", case.module)


def test_hostile_modules_are_collected_and_run_without_harm(hostile: Hostile) -> None:
    """They compile, are collected, cannot pass where nobody answers, and leave no marker."""
    checks = {folder: sum(map(checks_in, cases)) for folder, cases in hostile.written.items()}
    some = {folder: cases[:RUN] for folder, cases in hostile.written.items()}
    expected = sum(checks_in(case) for cases in some.values() for case in cases)
    for folder, cases in hostile.written.items():
        figures = f"{len(cases)} cases, {checks[folder]} checks"
        print(f"{folder.name}: {figures}")  # noqa: T201 - the figures are the report

    assert collected(hostile.top, some) == expected
    summary = pytest_on(hostile.top, TESTOPS_BASE_URL=NOBODY)
    assert re.search(r"\d+ failed", summary)
    assert "passed" not in summary
    assert list(Path("/tmp").glob("testops_pwned*")) == []  # noqa: S108 - where they would write
