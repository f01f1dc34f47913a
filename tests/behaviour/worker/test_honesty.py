"""Scripts that do not mean well, or break their process: nothing they do makes a pass."""

from __future__ import annotations

import pytest

from app.domain.outcomes import Outcome
from app.domain.plans import Limits
from tests.behaviour.worker.support import checks, ends, shard_of, verdicts
from worker.engine import Engine

#: Writes frames by hand, on the descriptor that the reporter uses.
FORGE = """
import json

def forge(kind, **fields):
    body = json.dumps({"kind": kind, **fields}).encode()
    os.write(3, len(body).to_bytes(4, "big") + body)

def forge_pass(check):
    forge("check_ended", check=check, outcome="passed", message="", traceback="",
          duration_seconds=0.1)
"""


def forged(body: str) -> str:
    return FORGE + body


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("def test_a(): os._exit(0)", "The process ended with status 0 in the middle of test_a."),
        ("import atexit\natexit.register(os._exit, 0)\ndef test_a(): os._exit(0)", "The process"),
        ("os._exit(0)\ndef test_a(): pass", "The process ended early, with status 0."),
        ("def test_a(): os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL."),
        ("def test_a():\n    import ctypes\n    ctypes.string_at(0)", "was killed by SIGSEGV."),
        (
            forged("def test_a():\n    forge_pass('test_a')\n    os._exit(0)"),
            "The process ended early, with status 0.",
        ),
        (
            forged(
                "def test_a():\n    forge_pass('test_a')\n    forge('session_ended', exit_status=0)"
                "\n    os._exit(1)"
            ),
            "The process ended early, with status 1.",
        ),
        (
            forged("def test_a():\n    forge_pass('test_a')\n    assert False"),
            "test_a ended without having begun",
        ),
        (forged("forge_pass('test_a')\ndef test_a(): pass"), "test_a ended without having begun"),
        (forged("def test_a(): forge('check_began', check='test_b')"), "before test_a had ended"),
        (
            forged("forge('check_began', check='test_a')\ndef test_a(): pass"),
            "test_a began out of turn",
        ),
        (
            forged("forge('collected', checks=['test_a'])\ndef test_a(): pass"),
            "the module was collected twice",
        ),
        (
            forged("def test_a(): forge('session_ended', exit_status=0)"),
            "something was told after the end",
        ),
        ("def test_a(): os.write(3, b'\\xff' * 100)", "a frame of 4294967295 bytes"),
        ("def test_a(): os.write(3, b'\\0\\0\\0\\2{}')", "a frame of another shape"),
        (
            "globals()['test_b'] = lambda: None\ndef test_a(): pass",
            "are not those in the module's text: added: test_b",
        ),
        ("def test_a(): pass\ndel test_a\ndef test_b(): pass", "missing: test_a"),
        (
            "def test_a(): pass\ntest_c = test_a",
            "added: test_c",
        ),
        (
            "def test_a(request): request.session.shouldstop = 'enough'\ndef test_b(): pass",
            "pytest ended with status 2.",
        ),
        (
            "def test_a(request): request.session.testsfailed = 1",
            "The exit status 1 contradicts the outcomes",
        ),
        (
            "def test_a(request): request.session.items.pop()\ndef test_b(): pass",
            "Checks never ran: test_b",
        ),
    ],
)
def test_a_script_that_fakes_its_end_is_errored(engine: Engine, script: str, message: str) -> None:
    events = list(engine.execute(shard_of(script)))
    (end,) = ends(events)
    assert end.outcome is Outcome.ERRORED
    assert message in end.message
    assert Outcome.PASSED not in verdicts(events).values()


def test_a_pass_before_a_faked_end_is_not_believed(engine: Engine) -> None:
    events = list(engine.execute(shard_of("def test_a(): pass\ndef test_b(): os._exit(0)")))
    found = checks(events)
    assert verdicts(events) == {"test_a": Outcome.ERRORED, "test_b": Outcome.ERRORED}
    assert found["test_a"].message.startswith("It reported a pass that nothing proves.")
    assert found["test_b"].message == "The process ended with status 0 in the middle of test_b."


def test_a_failure_before_a_crash_stays_a_failure(engine: Engine) -> None:
    events = engine.execute(shard_of("def test_a(): assert 0\ndef test_b(): os._exit(0)"))
    assert verdicts(events) == {"test_a": Outcome.FAILED, "test_b": Outcome.ERRORED}


def test_the_rest_of_the_shard_runs_after_a_broken_case(engine: Engine) -> None:
    events = engine.execute(shard_of("def test_a(): os._exit(1)", "def test_a(): pass"))
    assert [end.outcome for end in ends(events)] == [Outcome.ERRORED, Outcome.PASSED]


def test_a_case_sees_nothing_of_the_engine(engine: Engine) -> None:
    """Its environment and its descriptors are its own; its folder holds its module and contract."""
    script = """
        def test_surroundings():
            assert sorted(os.environ) == [
                "HOME", "LANG", "NO_COLOR", "PATH", "PYTEST_CURRENT_TEST",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_VERSION", "TESTOPS_BASE_URL",
                "TESTOPS_CONTRACT", "TESTOPS_GATEWAY", "TMPDIR",
            ]
            assert sorted(os.listdir()) == ["contract.json", "test_it.py"]
            assert os.getsid(0) == os.getpid()
            assert sys.stdin.read() == ""

        def test_no_new_privileges():
            with open("/proc/self/status") as status:
                assert "NoNewPrivs:\\t1" in status.read()

        def test_it_cannot_leave_its_limits():
            import resource
            assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
            with pytest.raises(MemoryError):
                bytearray(4 * 1024 ** 3)
            with pytest.raises(OSError), open("large", "wb") as file:
                file.truncate(1024 ** 3)
        """
    events = list(engine.execute(shard_of(script)))
    assert set(verdicts(events).values()) == {Outcome.PASSED}, checks(events)


def test_what_a_case_prints_is_bounded(engine: Engine) -> None:
    script = """
        def test_floods():
            for _ in range(100):
                print("x" * 10_000)

        def test_is_quiet():
            os.write(2, b"\\xff")
            assert False, "y" * 100_000
        """
    limits = Limits(case_seconds=20, output_bytes=1000)
    found = checks(engine.execute(shard_of(script, limits=limits)))
    assert found["test_floods"].output == "x" * 1000 + "… (999100 more bytes)"
    assert found["test_is_quiet"].output == "… (1 more bytes)"
    assert found["test_is_quiet"].message.endswith("more characters)")
    assert len(found["test_is_quiet"].message) < 10_000


def test_bytes_that_are_no_text_are_shown_escaped(engine: Engine) -> None:
    script = "def test_a(): os.write(1, b'\\xffz'); assert False, chr(0xdc80)"
    found = checks(engine.execute(shard_of(script)))
    assert found["test_a"].output == "\\xffz"
    assert found["test_a"].message.startswith("?")


def test_using_the_processor_too_long_is_an_error(engine: Engine) -> None:
    limits = Limits(case_seconds=20, cpu_seconds=1)
    (end,) = ends(engine.execute(shard_of("def test_a():\n    while True: pass", limits=limits)))
    assert (
        end.message == "The process of the case was killed by SIGXCPU for using too much CPU time."
    )


@pytest.mark.parametrize("module", ["../x.py", "-x.py", "x.txt", "a/b.py", ""])
def test_a_file_name_that_leads_elsewhere_is_refused(engine: Engine, module: str) -> None:
    shard = shard_of("def test_a(): pass")
    case = shard.cases[0]
    changed = type(shard)(
        **{name: getattr(shard, name) for name in shard.__slots__}
        | {"cases": (type(case)(case.case_id, case.operation, module, case.script),)}
    )
    (end,) = ends(engine.execute(changed))
    assert end.outcome is Outcome.ERRORED
    assert "plain name" in end.message
