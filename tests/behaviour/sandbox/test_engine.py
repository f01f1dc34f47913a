"""The engine and its cage: what it demands, and what holds where one layer is not there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, cast

import psutil
import pytest

from app.domain.outcomes import Outcome
from app.domain.results import CheckStarted
from app.errors import UnavailableError
from tests.behaviour.worker.conftest import measured
from tests.behaviour.worker.support import checks, ends, shard_of, verdicts
from worker.cage.layers import ALL, Layer
from worker.cage.policy import Policy
from worker.cage.wish import Wish
from worker.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Generator

    from app.domain.results import Event

_NAMESPACES = frozenset({Layer.MOUNTS, Layer.PROCESSES, Layer.NETWORK})


def children() -> set[psutil.Process]:
    """Those of this process; what other tests share is among them."""
    return set(psutil.Process().children())


def test_below_its_policy_the_engine_runs_nothing() -> None:
    before = children()
    engine = Engine(cage=Wish(policy=Policy.STANDARD, layers=ALL - {Layer.CALLS, Layer.NETWORK}))
    with (
        pytest.raises(UnavailableError, match="reaches nothing but the tested API") as caught,
        engine,
    ):
        pass
    assert "seccomp: switched off" in str(caught.value)
    assert children() <= before


def test_without_a_report_of_its_cage_it_runs_nothing() -> None:
    engine = Engine(environment={"PYTHONHOME": "/nowhere"})
    with pytest.raises(UnavailableError, match="does not start"), engine:
        pass


@pytest.mark.parametrize("layers", [ALL, ALL - _NAMESPACES], ids=["all", "no-namespaces"])
def test_cases_do_not_see_each_other(layers: frozenset[Layer]) -> None:
    """Not what the other has written, though it runs at the same time."""
    with Engine(plugins=(), cage=Wish(layers=layers)) as engine:
        # Runs until it is closed below.
        first = engine.execute(shard_of("def test_a():\n    time.sleep(60)"))
        with closing(cast("Generator[Event, None, None]", first)):
            assert any(isinstance(event, CheckStarted) for event in first)
            (other,) = engine._tools.workspace.glob("case-*")
            script = f"""
                def test_reads(): open("{other}/test_it.py").read()
                def test_lists(): os.listdir("{other}")
                def test_writes(): open("{other}/new", "w")
                def test_lists_all(): os.listdir("{other.parent}")
                """
            found = checks(engine.execute(shard_of(script)))
    assert {check.outcome for check in found.values()} == {Outcome.ERRORED}
    for check in found.values():
        assert check.message.startswith(("PermissionError", "FileNotFoundError"))


def test_what_a_case_leaves_in_its_namespace_is_ended(tmp_path: Path) -> None:
    """Where programs can be started: the namespace's first process inherits what is orphaned."""
    layers = frozenset({Layer.DEATH, Layer.PROCESSES})
    sign = tmp_path / "sign"
    script = f"""
        def test_a():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    open("{sign}", "w").close()
                    # Longer than the test: what ends it is the engine.
                    time.sleep(60)
                os._exit(0)
            while not os.path.exists("{sign}"):
                # Bounded by the case's own time limit.
                time.sleep(0.01)
        """
    before = children()
    with Engine(plugins=(), environment=measured(), cage=Wish(layers=layers)) as engine:
        if Layer.PROCESSES not in engine.cage.layers:
            pytest.skip("this machine gives no PID namespace")
        assert verdicts(engine.execute(shard_of(script))) == {"test_a": Outcome.PASSED}
        (parent,) = children() - before
        (keeper,) = parent.children(recursive=True)
    assert not keeper.is_running()


def test_a_view_needs_no_other_namespace() -> None:
    wish = Wish(layers=frozenset({Layer.MOUNTS}))
    with Engine(plugins=(), environment=measured(), cage=wish) as engine:
        if Layer.MOUNTS not in engine.cage.layers:
            pytest.skip("this machine gives no mount namespace")
        script = """
            def test_a():
                assert not os.path.exists("/proc")
                assert sorted(os.listdir()) == ["contract.json", "test_it.py"]
            """
        assert verdicts(engine.execute(shard_of(script))) == {"test_a": Outcome.PASSED}


def test_a_cage_that_no_longer_holds_runs_no_script(tmp_path: Path) -> None:
    """The layers held when they were tried; what one of them needs has gone since."""
    sign, shared = tmp_path / "sign", tmp_path / "shared"
    shared.mkdir()
    wish = Wish(layers=frozenset({Layer.LANDLOCK_FILES}), writable=(str(shared),))
    with Engine(plugins=(), cage=wish) as engine:
        if Layer.LANDLOCK_FILES not in engine.cage.layers:
            pytest.skip("this machine has no Landlock")
        shared.rmdir()
        script = f"open({str(sign)!r}, 'w').close()\ndef test_a(): pass"
        (end,) = ends(engine.execute(shard_of(script)))
    assert end.outcome is Outcome.ERRORED
    assert not sign.exists()
