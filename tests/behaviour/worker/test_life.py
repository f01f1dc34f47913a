"""Time limits, cancellation, deaths: every case ends once, and nothing is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.domain.outcomes import Outcome
from app.domain.plans import Limits
from app.domain.results import CheckStarted, Event
from tests.behaviour.worker.conftest import Clock, measured
from tests.behaviour.worker.support import LIGHT, ends, shard_of, verdicts
from tests.shared_material import ROOT
from worker.engine import Engine
from worker.order import Order
from worker.renewal import Endurance
from worker.warm import Upbringing, WarmParent

LOOP = "def test_a(): pass\ndef test_b():\n    while True: time.sleep(0.01)"


@pytest.fixture
def own_engine(clock: Clock) -> Iterator[Engine]:
    """An engine whose parts may be killed."""
    with Engine(plugins=(), environment=measured(), cage=LIGHT, clock=clock) as engine:
        yield engine


def parent_of(engine: Engine) -> psutil.Process:
    generation = engine._tools.warm._generation
    assert generation is not None
    return psutil.Process(generation.process.pid)


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def begin(events: Iterator[Event], check: str) -> list[Event]:
    """Take events until the check has started."""
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, CheckStarted) and event.check == check:
            break
    return seen


def test_an_endless_loop_ends_at_the_time_limit(engine: Engine, clock: Clock) -> None:
    limits = Limits(case_seconds=60, check_seconds=1000)
    events = engine.execute(shard_of(LOOP, limits=limits))
    seen = begin(events, "test_b")
    clock.speed = 100
    seen += events
    (end,) = ends(seen)
    assert end.message == "The case took longer than its limit of 60 seconds."
    assert end.duration_seconds > 60
    assert verdicts(seen) == {"test_a": Outcome.ERRORED, "test_b": Outcome.ERRORED}


def test_ignoring_the_request_to_end_does_not_help(engine: Engine, clock: Clock) -> None:
    script = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LOOP
    events = engine.execute(shard_of(script))
    begin(events, "test_b")
    clock.speed = 100
    (end,) = ends(events)
    assert end.message == "The case took longer than its limit of 20 seconds."


def test_nothing_that_a_case_started_outlives_it(engine: Engine, tmp_path: Path) -> None:
    """Not a child, not a process of another session whose parents are gone."""
    file = tmp_path / "pids"
    script = f"""
        import subprocess
        def test_a():
            shell = "setsid sh -c 'echo $$ >> {file}; sleep 60' & sleep 60 & echo $! >> {file}"
            subprocess.run(["sh", "-c", shell], check=True)
            while len(open("{file}").read().split()) < 2:
                time.sleep(0.01)
        """
    file.touch()
    assert verdicts(engine.execute(shard_of(script))) == {"test_a": Outcome.PASSED}
    pids = [int(pid) for pid in file.read_text().split()]
    assert len(pids) == 2
    assert not [pid for pid in pids if psutil.pid_exists(pid)]


def test_cancelling_ends_the_case_within_a_second(engine: Engine) -> None:
    """The case that runs is ended, the rest never starts; each has its one end."""
    stop = threading.Event()
    events = engine.execute(shard_of(LOOP, LOOP), cancelled=stop.is_set)
    begin(events, "test_b")
    stop.set()
    began = time.monotonic()
    rest = list(events)
    assert time.monotonic() - began < 1
    assert [end.message for end in ends(rest)] == [
        "The execution was cancelled.",
        "The execution was cancelled before this case started.",
    ]
    assert not [event for event in rest if isinstance(event, CheckStarted)]


def test_who_leaves_finishes_the_case_that_runs_and_begins_no_other(engine: Engine) -> None:
    leave = threading.Event()
    scripts = ("def test_a(): pass\ndef test_b(): time.sleep(0.2)", LOOP)
    events = engine.execute(shard_of(*scripts), leaving=leave.is_set)
    seen = begin(events, "test_b")
    leave.set()
    seen += events
    assert verdicts(seen) == {"test_a": Outcome.PASSED, "test_b": Outcome.PASSED}
    assert {event.case_id for event in seen} == {"c1"}


def test_leaving_the_events_ends_the_case(own_engine: Engine) -> None:
    events = own_engine.execute(shard_of(LOOP))
    begin(events, "test_b")
    events.close()  # type: ignore[attr-defined] # a generator
    assert until(lambda: not parent_of(own_engine).children())


def test_a_killed_child_is_an_error(own_engine: Engine) -> None:
    events = own_engine.execute(shard_of(LOOP, "def test_a(): pass"))
    seen = begin(events, "test_b")
    (child,) = parent_of(own_engine).children()
    child.kill()
    seen += events
    assert [end.outcome for end in ends(seen)] == [Outcome.ERRORED, Outcome.PASSED]
    assert "was killed by SIGKILL" in ends(seen)[0].message


def test_a_killed_warm_parent_is_replaced(own_engine: Engine) -> None:
    """Its case is errored, its child dies with it, the next case runs."""
    events = own_engine.execute(shard_of(LOOP, "def test_a(): pass"))
    seen = begin(events, "test_b")
    parent = parent_of(own_engine)
    (child,) = parent.children()
    parent.kill()
    seen += events
    assert [(end.outcome, end.message) for end in ends(seen)] == [
        (Outcome.ERRORED, "The process that runs the cases ended."),
        (Outcome.PASSED, ""),
    ]
    assert until(lambda: not child.is_running())
    assert parent_of(own_engine) != parent


def test_a_parent_that_died_between_cases_is_replaced(own_engine: Engine) -> None:
    shard = shard_of("def test_a(): pass")
    assert ends(own_engine.execute(shard))[0].outcome is Outcome.PASSED
    os.kill(parent_of(own_engine).pid, signal.SIGKILL)
    assert ends(own_engine.execute(shard))[0].outcome is Outcome.PASSED


def test_a_parent_that_has_had_its_time_is_retired() -> None:
    """The next case has a new one; the old one ends after its last case, and leaves the rest."""
    with Engine(
        plugins=(), environment=measured(), cage=LIGHT, endurance=Endurance(forks=1)
    ) as engine:
        slow = engine.execute(shard_of(LOOP))
        begin(slow, "test_b")
        old = parent_of(engine)
        (child,) = old.children()
        (end,) = ends(engine.execute(shard_of("def test_a(): pass")))
        assert end.outcome is Outcome.PASSED
        assert parent_of(engine) != old
        assert child.is_running()
        slow.close()  # type: ignore[attr-defined] # a generator
        assert until(lambda: old.status() == psutil.STATUS_ZOMBIE)
        assert engine._tools.workspace.exists()
        # Those that have ended are buried when the next one retires.
        assert ends(engine.execute(shard_of("def test_a(): pass")))[0].outcome is Outcome.PASSED
        assert not old.is_running()


def test_a_retired_parent_ends_with_its_engine(tmp_path: Path) -> None:
    """Its case has not ended by then, and neither has that of the one that followed."""
    (tmp_path / "test_it.py").write_text("import time\ndef test_a(): time.sleep(60)")
    order = Order(str(tmp_path), "test_it.py", {}, 60, 10, 2**31)
    upbringing = Upbringing(
        (), measured(), shares_session=True, endurance=Endurance(forks=1), cage=LIGHT
    )
    with Path(os.devnull).open() as dial, WarmParent(tmp_path, upbringing) as warm:
        children = [warm.fork(order, dial.fileno()) for _ in range(2)]
        family = [psutil.Process(each.pid) for each in children]
        family += [psutil.Process(each.parent.process.pid) for each in children]
        assert len({each.pid for each in family}) == 4
    assert not [each for each in family if each.is_running()]
    for child in children:
        child.close()


def test_a_parent_that_is_gone_when_it_is_to_retire_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("worker.warm._GOODBYE_SECONDS", 0.2)
    with Engine(
        plugins=(), environment=measured(), cage=LIGHT, endurance=Endurance(forks=1)
    ) as engine:
        list(engine.execute(shard_of("def test_a(): pass")))
        generation = engine._tools.warm._generation
        assert generation is not None
        # It sees nothing of it, since it would tidy up after an engine that is gone.
        parent_of(engine).suspend()
        generation.control.shutdown(socket.SHUT_RDWR)
        (end,) = ends(engine.execute(shard_of("def test_a(): pass")))
    assert end.outcome is Outcome.PASSED


def test_a_parent_that_takes_no_orders_is_replaced(own_engine: Engine) -> None:
    generation = own_engine._tools.warm._generation
    assert generation is not None
    generation.control.shutdown(socket.SHUT_RDWR)
    (end,) = ends(own_engine.execute(shard_of("def test_a(): pass")))
    assert end.outcome is Outcome.PASSED


def test_a_parent_that_ends_takes_its_case_along(tmp_path: Path) -> None:
    """Also where the engine has not let go of the case; ending twice is harmless."""
    (tmp_path / "test_it.py").write_text("import time\ndef test_a(): time.sleep(60)")
    upbringing = Upbringing((), measured(), shares_session=True, cage=LIGHT)
    with Path(os.devnull).open() as dial, WarmParent(tmp_path, upbringing) as warm:
        child = warm.fork(Order(str(tmp_path), "test_it.py", {}, 60, 10, 2**31), dial.fileno())
        process = psutil.Process(child.pid)
    warm.__exit__(None, None, None)
    assert not process.is_running()
    assert not tmp_path.exists()
    child.close()


def test_a_parent_that_hangs_is_given_up(own_engine: Engine, clock: Clock) -> None:
    """It neither ends the case nor says that it has: it is replaced."""
    events = own_engine.execute(shard_of(LOOP))
    seen = begin(events, "test_b")
    parent_of(own_engine).suspend()
    clock.speed = 100
    seen += events
    assert [end.outcome for end in ends(seen)] == [Outcome.ERRORED]
    clock.speed = 1
    (end,) = ends(own_engine.execute(shard_of("def test_a(): pass")))
    assert end.outcome is Outcome.PASSED


def test_an_engine_that_ends_early_leaves_nothing(tmp_path: Path) -> None:
    """Neither processes nor files, though a case still runs."""
    with Engine(plugins=(), environment=measured(), cage=LIGHT) as engine:
        events = engine.execute(shard_of(LOOP))
        begin(events, "test_b")
        parent = parent_of(engine)
        family = [parent, *parent.children(recursive=True)]
        workspace = engine._tools.workspace
        assert len(family) == 2
        events.close()  # type: ignore[attr-defined] # a generator
    assert not [process for process in family if process.is_running()]
    assert not workspace.exists()


def test_a_parent_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.warm._GOODBYE_SECONDS", 0.2)
    with Engine(plugins=(), environment=measured(), cage=LIGHT) as engine:
        parent = parent_of(engine)
        parent.suspend()
    assert not parent.is_running()


def test_two_shards_run_at_once(engine: Engine) -> None:
    """Each waits for the other's file, so neither could end alone."""
    results: dict[int, dict[str, Outcome]] = {}
    scripts = [
        f"""
        def test_a():
            open("../sign-{mine}", "w").close()
            while not os.path.exists("../sign-{other}"):
                time.sleep(0.01)
        """
        for mine, other in [(0, 1), (1, 0)]
    ]

    def work(number: int) -> None:
        results[number] = verdicts(engine.execute(shard_of(scripts[number])))

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {0: {"test_a": Outcome.PASSED}, 1: {"test_a": Outcome.PASSED}}


def test_a_case_ends_beside_one_that_runs(engine: Engine) -> None:
    slow = engine.execute(shard_of(LOOP))
    begin(slow, "test_b")
    assert verdicts(engine.execute(shard_of("def test_a(): pass"))) == {"test_a": Outcome.PASSED}
    slow.close()  # type: ignore[attr-defined] # a generator


def test_a_parent_that_cannot_start_is_the_cases_error() -> None:
    """A plugin that cannot be imported ends the parent each time; the case says so once."""
    with Engine(plugins=("no_such_plugin",), environment=measured(), cage=LIGHT) as engine:
        (end,) = ends(engine.execute(shard_of("def test_a(): pass")))
    assert end.outcome is Outcome.ERRORED
    assert end.message == "The process that runs the cases does not start."


def test_an_engine_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    """Its warm parent notices, ends its children and removes their folder."""
    program = f"""
from tests.behaviour.worker.support import LIGHT, shard_of
from worker.engine import Engine
with Engine(plugins=(), environment={measured()!r}, cage=LIGHT) as engine:
    for event in engine.execute(shard_of({LOOP!r})):
        print(event, flush=True)
"""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert any("test_b" in line for line in process.stdout)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) == 2
        process.kill()
    assert until(lambda: not any(each.is_running() for each in family))
    assert until(lambda: not list(tmp_path.glob("testops-*")))
