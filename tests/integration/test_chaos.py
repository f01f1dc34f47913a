"""Each fault of `chaos/` on one machine: real parts are broken, the same conditions must hold.

What Chaos Mesh does to pods is done to processes here; a real Prometheus measures, and the judge
that answers Chaos Mesh in a cluster decides.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import psutil
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.domain.outcomes import Outcome, Status
from app.models import Result, Run
from chaos.faults import FAULTS, Fault
from tests.integration import broken_stage
from tests.integration.broken_stage import CASES, Stage
from tests.integration.greetings import Greetings
from tests.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("chaos")]

#: How long a fault lasts here, in seconds; runs take about two.
BROKEN_SECONDS: Final = 8.0
DELAY_SECONDS: Final = 0.1
CLOCK: Final = Path(__file__).with_name("clock")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with broken_stage.staged(tmp_path_factory.mktemp("chaos")) as made:
        yield made


Break = Callable[[Stage], contextlib.AbstractContextManager[None]]


def broken_once(act: Callable[[Stage], None]) -> Break:
    """A fault that happens and does not last."""

    @contextlib.contextmanager
    def broken(stage: Stage) -> Iterator[None]:
        act(stage)
        yield

    return broken


def kill_runner(stage: Stage) -> None:
    wait_running_case()
    stage.runner.kill()
    stage.replace_runner()


def wait_running_case() -> None:
    """Wait until a case has just asked the API: it goes on for a while then."""
    asked = len(Greetings.asked)
    wait_until(lambda: len(Greetings.asked) > asked, "a case runs")


@contextlib.contextmanager
def broker_away(stage: Stage) -> Iterator[None]:
    stage.kafka.stop(signal.SIGKILL)
    try:
        yield
    finally:
        stage.kafka.start()


@contextlib.contextmanager
def busy(_stage: Stage) -> Iterator[None]:
    """Twice as many busy programs as there are processors."""
    words = [sys.executable, "-c", "while True: pass"]
    programs = [subprocess.Popen(words) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def kill_case(stage: Stage) -> None:
    """What the kernel does where memory is short: it ends the process of a case."""
    wait_running_case()
    below = psutil.Process(stage.runner.process.pid).children(recursive=True)
    cases = [each for each in below if not each.children()]
    assert cases
    max(cases, key=lambda each: each.create_time()).kill()


@contextlib.contextmanager
def clock_offset(stage: Stage) -> Iterator[None]:
    """A runner whose clock is ten minutes behind; how long something takes is measured as ever."""
    stage.runner.stop()
    offset = {"PYTHONPATH": str(CLOCK), "CLOCK_OFFSET": "-600"}
    stage.runners.set(**offset)
    stage.replace_runner()
    try:
        yield
    finally:
        stage.runners.unset(*offset)
        stage.runner.stop()
        stage.replace_runner()


@contextlib.contextmanager
def disk_full(stage: Stage) -> Iterator[None]:
    """Nothing is left of the volume; it is filled again as fast as the server frees something."""
    ballast, is_over = stage.volume / "ballast", threading.Event()

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            while not is_over.wait(0.01):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(65_536))

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        wait_until(lambda: shutil.disk_usage(stage.volume).free == 0, "the volume is full")
        with pytest.raises(OperationalError, match="No space left on device"):
            stage.postgres.execute("CREATE TABLE large AS SELECT generate_series(1, 1000000)")
        yield
    finally:
        is_over.set()
        thread.join()
        ballast.unlink()


BREAKS: Mapping[str, Break] = {
    "runner-killed-mid-case": broken_once(kill_runner),
    "broker-away": broker_away,
    "database-slow": lambda stage: stage.wire.slow(DELAY_SECONDS),
    "bridge-cut-from-kafka": lambda stage: stage.cable.pulled(),
    "runner-cpu-stress": busy,
    "runner-memory-stress": broken_once(kill_case),
    "runner-clock-offset": clock_offset,
    "database-disk-full": disk_full,
}
#: Faults for which a case may have no outcome: its process was killed.
MAY_ERR: Final = frozenset({"runner-memory-stress"})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_must_hold_holds_and_everything_is_steady_again(stage: Stage, fault: Fault) -> None:
    stage.wait_steady(fault.recovery_seconds)
    before = stage.load.last
    assert before is not None
    with BREAKS[fault.name](stage):
        until = time.monotonic() + BROKEN_SECONDS
        while time.monotonic() < until:
            # Chaos Mesh asks as regularly; a fault is what lasts.
            time.sleep(0.5)
            assert stage.unbearable() == [] or fault.may_refuse
    stage.wait_steady(fault.recovery_seconds, after=before.id)
    assert_nothing_is_lost_or_double(stage, since=before.id, may_err=fault.name in MAY_ERR)


def assert_nothing_is_lost_or_double(stage: Stage, *, since: str, may_err: bool) -> None:
    """Of every run that has ended since another one: each case and check once, and passed."""
    with stage.sessions() as session:
        began = select(Run.created_at).where(Run.id == since).scalar_subquery()
        runs = session.scalars(
            select(Run).where(Run.status == Status.FINISHED, Run.created_at > began)
        ).all()
        assert runs
        assert {run.cases_finished for run in runs} == {CASES}
        results = [
            (result.run_id, result.case_id, result.check, result.outcome)
            for result in session.scalars(
                select(Result).where(Result.run_id.in_([run.id for run in runs]))
            )
        ]
    assert len({(run, case) for run, case, *_ in results}) == CASES * len(runs)
    assert len({(run, case, check) for run, case, check, _ in results}) == len(results)
    allowed = {Outcome.PASSED} | ({Outcome.ERRORED} if may_err else set())
    assert {outcome for *_, outcome in results} <= allowed


def test_every_fault_has_its_twin() -> None:
    assert BREAKS.keys() == {fault.name for fault in FAULTS}
