"""What scripts that mean well come to."""

from __future__ import annotations

import pytest

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CaseStarted, CheckFinished, CheckStarted
from tests.behaviour.worker.support import checks, ends, shard_of, verdicts
from worker.engine import Engine


def test_every_kind_of_end_has_its_outcome(engine: Engine) -> None:
    events = list(
        engine.execute(
            shard_of(
                """
                def test_passes():
                    "Proves nothing at all."
                    print("fine")

                def test_fails():
                    assert 1 == 2, "one is not two"

                def test_gives_up():
                    pytest.fail("no good")

                def test_raises():
                    raise ValueError("odd")

                def test_is_skipped():
                    pytest.skip("needs a key")

                @pytest.mark.skip(reason="not now")
                def test_is_marked():
                    pass

                def test_leaves():
                    sys.exit(3)

                @pytest.fixture
                def broken():
                    assert False, "not set up"

                def test_is_not_set_up(broken):
                    pass

                @pytest.fixture
                def messy():
                    yield
                    raise OSError("not torn down")

                def test_is_not_torn_down(messy):
                    pass

                def test_fails_and_is_not_torn_down(messy):
                    assert False, "wrong"

                @pytest.mark.xfail(reason="known")
                def test_is_known_to_fail():
                    assert False

                @pytest.mark.xfail(strict=True, reason="known")
                def test_passes_against_the_word():
                    pass

                def test_raises_without_a_word():
                    raise AssertionError
                """
            )
        )
    )
    found = checks(events)
    assert {name: (check.outcome, check.message.splitlines()) for name, check in found.items()} == {
        "test_passes": (Outcome.PASSED, []),
        "test_fails": (Outcome.FAILED, ["one is not two", "assert 1 == 2"]),
        "test_gives_up": (Outcome.FAILED, ["no good"]),
        "test_raises": (Outcome.ERRORED, ["ValueError: odd"]),
        "test_is_skipped": (Outcome.SKIPPED, ["needs a key"]),
        "test_is_marked": (Outcome.SKIPPED, ["not now"]),
        "test_leaves": (Outcome.ERRORED, ["SystemExit: 3"]),
        "test_is_not_set_up": (
            Outcome.ERRORED,
            ["setup: not set up", "assert False"],
        ),
        "test_is_not_torn_down": (Outcome.ERRORED, ["teardown: OSError: not torn down"]),
        "test_fails_and_is_not_torn_down": (
            Outcome.FAILED,
            ["wrong", "assert False", "teardown: OSError: not torn down"],
        ),
        "test_is_known_to_fail": (Outcome.SKIPPED, ["expected to fail: known"]),
        "test_passes_against_the_word": (Outcome.FAILED, ["[XPASS(strict)] known"]),
        "test_raises_without_a_word": (Outcome.FAILED, ["AssertionError"]),
    }
    assert found["test_passes"].intent == "Proves nothing at all."
    assert found["test_passes"].output == "fine\n"
    assert 'raise ValueError("odd")' in found["test_raises"].traceback
    assert ends(events) == [
        CaseFinished("c1", Outcome.FAILED, "", ends(events)[0].duration_seconds)
    ]


def test_events_come_in_their_documented_order(engine: Engine) -> None:
    """A pass is told at the end of its case, anything else where it happens."""
    script = """
        def test_a(): pass
        def test_b(): assert False
        """
    told = [
        (type(event), getattr(event, "check", "")) for event in engine.execute(shard_of(script))
    ]
    assert told == [
        (CaseStarted, ""),
        (CheckStarted, "test_a"),
        (CheckStarted, "test_b"),
        (CheckFinished, "test_b"),
        (CheckFinished, "test_a"),
        (CaseFinished, ""),
    ]


def test_a_parametrised_check_is_one_check_per_parameter(engine: Engine) -> None:
    script = """
        @pytest.mark.parametrize("size", [1, 2])
        def test_size(size):
            "Sizes."
            assert size == 1

        class TestMore:
            def test_inside(self):
                pass
        """
    events = list(engine.execute(shard_of(script)))
    assert verdicts(events) == {
        "test_size[1]": Outcome.PASSED,
        "test_size[2]": Outcome.FAILED,
        "TestMore::test_inside": Outcome.PASSED,
    }
    assert checks(events)["test_size[2]"].intent == "Sizes."


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ("def test_a(): pass\ndef test_b(): pytest.skip('x')", Outcome.PASSED),
        ("def test_a(): pytest.skip('x')", Outcome.SKIPPED),
        ("def test_a(): 1 / 0\ndef test_b(): pass", Outcome.ERRORED),
    ],
)
def test_a_case_is_as_bad_as_its_worst_check(engine: Engine, script: str, outcome: Outcome) -> None:
    assert ends(engine.execute(shard_of(script)))[0].outcome is outcome


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("def test_a(:", "SyntaxError: invalid syntax"),
        ("import no_such_module\ndef test_a(): pass", "ModuleNotFoundError: No module named"),
        ("1 / 0\ndef test_a(): pass", "ZeroDivisionError: division by zero"),
        ("def helper(): pass", "The module defines no check"),
        ("sys.exit(0)\ndef test_a(): pass", "SystemExit: 0"),
        (
            "pytest.skip('not today', allow_module_level=True)\ndef test_a(): pass",
            "The module was skipped: not today",
        ),
        ("pytest.exit('enough', 0)\ndef test_a(): pass", "Exit: enough"),
        ("def test_a(): pytest.exit('enough', 0)", "The process ended with status 0"),
    ],
)
def test_a_module_that_cannot_run_is_errored_with_the_reason(
    engine: Engine, script: str, message: str
) -> None:
    (end,) = ends(engine.execute(shard_of(script)))
    assert end.outcome is Outcome.ERRORED
    assert end.message.startswith(message)


def test_a_plugin_that_refuses_the_module_is_heard(engine: Engine) -> None:
    """What pytest prints when it refuses to run is part of the reason."""
    script = """
        pytest_plugins = ["no_such_plugin"]
        def test_a(): pass
        """
    (end,) = ends(engine.execute(shard_of(script)))
    assert end.outcome is Outcome.ERRORED
    assert "no_such_plugin" in end.message


def test_every_case_of_a_shard_runs(engine: Engine) -> None:
    events = list(engine.execute(shard_of(*["def test_a(): pass"] * 3)))
    assert [end.case_id for end in ends(events)] == ["c1", "c2", "c3"]
    assert {end.outcome for end in ends(events)} == {Outcome.PASSED}
