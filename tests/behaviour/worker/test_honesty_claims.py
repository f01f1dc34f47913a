"""A script that says what an honest one would say, without having tested: the record knows better.

The SDK is used as written modules use it. What a script could still fake is said in
`worker.evidence`.
"""

from __future__ import annotations

import json
import textwrap

import pytest

from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import Event
from tests.behaviour.worker.support import LOOPBACK, TargetServer, checks, ends, verdicts
from worker.engine import Engine

OPERATIONS = ("GET /echo", "GET /missing", "POST /echo", "GET /{name}", "GET /empty")
CONTRACT = json.dumps(
    {
        "contract": 1,
        "operations": {key: {"pointer": "#", "responses": {}} for key in OPERATIONS},
        "schemas": {},
    }
)
HEAD = """
import os
import sys
import threading
import testops

import pytest

from testops import Api, created, existing, expect

OPERATION = "GET /echo"

"""
WRONG = "the status that it expects of GET /missing in line 19 did not come, but 404"
NONE = "line 15 sends GET /echo, but no such request went out and was answered"
MISSING = "line 19 sends GET /missing, but no such request went out and was answered"
HONEST = """
def test_a(api):
    response = api.get("/echo")
    expect.success(response, 200)

def test_b(api):
    expect.success(api.get("/missing"), 200)
"""


def run(engine: Engine, target: TargetServer, script: str) -> list[Event]:
    case = PlannedCase("c1", "GET /echo", "test_it.py", HEAD + textwrap.dedent(script))
    limits = Limits(case_seconds=30)
    shard = Shard("r1", 0, 1, Target(target.url, network=LOOPBACK), (case,), CONTRACT, limits)
    return list(engine.execute(shard))


@pytest.mark.parametrize(
    ("attack", "objection"),
    [
        pytest.param("expect.success = lambda *_: None", WRONG, id="helper-replaced"),
        pytest.param(
            "expect.success.__code__ = (lambda *_, **__: None).__code__", WRONG, id="helper-emptied"
        ),
        pytest.param(
            "class expect:\n    success = staticmethod(lambda *_: None)", WRONG, id="helper-hidden"
        ),
        pytest.param(
            "Api.get = lambda *_, **__: type('R', (), {'status': 200})()", NONE, id="client-faked"
        ),
        pytest.param(
            "Api.request = lambda *_, **__: None\nexpect.success = print", NONE, id="client-mute"
        ),
        pytest.param(
            """
            @pytest.fixture
            def api():
                class Fake:
                    def get(self, path):
                        return testops.Response("GET", path, 200, {}, b"", "", None)
                return Fake()
            """,
            "line 15 sends a request to /echo, but no such request",
            id="client-of-its-own",
        ),
        pytest.param(
            """
            import dataclasses
            real = Api.get
            Api.get = lambda *a, **k: dataclasses.replace(real(*a, **k), status=200)
            """,
            WRONG,
            id="answer-changed",
        ),
        pytest.param("test_b.__code__ = (lambda api: None).__code__", MISSING, id="body-emptied"),
        pytest.param(
            """
            import ast, inspect
            source = inspect.getsource(sys.modules[__name__]).replace("expect.success", "print")
            exec(compile(source.split("import ast")[0], __file__, "exec"), globals())
            """,
            WRONG,
            id="assertion-rewritten",
        ),
        pytest.param(
            """
            import _pytest.python
            _pytest.python.Function.runtest = lambda self: None
            """,
            NONE,
            id="body-never-run",
        ),
        pytest.param(
            """
            import _pytest.runner
            real = _pytest.runner.CallInfo.from_call
            def green(cls, func, when, reraise=None):
                call = real(func, when, reraise)
                call.excinfo = None
                return call
            _pytest.runner.CallInfo.from_call = classmethod(green)
            """,
            WRONG,
            id="pytest-patched",
        ),
        pytest.param(
            """
            from app.domain.outcomes import Outcome
            from worker import reporter
            reporter._outcome = lambda *_: Outcome.PASSED
            """,
            WRONG,
            id="reporter-patched",
        ),
        pytest.param(
            """
            import json

            def forge(kind, **fields):
                body = json.dumps({"kind": kind, **fields}).encode()
                os.write(3, len(body).to_bytes(4, "big") + body)

            def speak(*_):
                for check in ("test_a", "test_b"):
                    forge("check_began", check=check) if check != "test_a" else None
                    forge("check_ended", check=check, outcome="passed", message="",
                          traceback="", duration_seconds=0.1)
                    os.read(3, 1)
                forge("session_ended", exit_status=0)
                os._exit(0)

            Api.get = speak
            """,
            NONE,
            id="protocol-spoken-perfectly",
        ),
    ],
)
def test_a_pass_that_the_record_does_not_bear_out_is_errored(
    sdk_engine: Engine, target: TargetServer, attack: str, objection: str
) -> None:
    """All of them would be two green checks if the script were believed."""
    events = run(sdk_engine, target, HONEST + textwrap.dedent(attack))
    told = checks(events)
    assert ends(events)[0].outcome is Outcome.ERRORED, ends(events)
    assert told["test_b"].outcome is Outcome.ERRORED
    said = " ".join(check.message for check in told.values())
    assert "that the requests on record do not bear out" in said
    assert objection in said


def test_the_honest_script_fails_where_the_attacks_would_pass(
    sdk_engine: Engine, target: TargetServer
) -> None:
    assert verdicts(run(sdk_engine, target, HONEST)) == {
        "test_a": Outcome.PASSED,
        "test_b": Outcome.FAILED,
    }


def test_honest_ways_to_write_a_check_are_believed(
    sdk_engine: Engine, target: TargetServer
) -> None:
    script = """
        ROOT = "/echo"

        @pytest.fixture(scope="module")
        def token(api_of_module):
            return api_of_module

        @pytest.fixture(scope="module")
        def api_of_module():
            return "token"

        @pytest.fixture
        def made(api):
            response = api.post(ROOT, json={"a": 1})
            yield response
            api.delete("/{name}", path={"name": "missing"})

        def ask(client, name="echo"):
            return client.get("/{name}", path={"name": name})

        @pytest.mark.parametrize("name", ["echo", "missing", "a b/c"])
        def test_parametrised(api, name):
            expect.documented(ask(api, name=name))

        def test_fixture(api, made, token):
            assert made.status == 200
            expect.success(ask(api), 200)

        def test_loop(api):
            for path in (ROOT, "/missing"):
                response = api.get(path)
            expect.not_found(response)

        def test_condition(api):
            if os.environ.get("NO_SUCH_FLAG"):
                expect.success(api.get("/never"), 200)

        def test_early_return(api):
            if not os.environ.get("NO_SUCH_FLAG"):
                return
            expect.success(api.get("/never"), 200)

        def test_expected_error(api):
            with pytest.raises(ValueError):
                api.get("/{name}")

        def test_threads(api):
            seen = []
            threads = [threading.Thread(target=lambda: seen.append(ask(api))) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [each.status for each in seen] == [200] * 3

        def test_without_a_request():
            assert 1 + 1 == 2

        def test_any_address(api):
            place = "/" + "echo"
            expect.success(api.request("get".upper(), f"{place}?x=1#f"), 200)
            expect.success(api.get(place), 200)

        class TestGroup:
            def test_inside(self, api):
                assert api.get("/empty").status in (200, 204)
        """
    events = run(sdk_engine, target, script)
    told = checks(events)
    problems = {name: c.message for name, c in told.items() if c.outcome is not Outcome.PASSED}
    assert not problems
    assert len(told) == 12


def test_a_shared_fixture_asks_once_for_all_checks(
    sdk_engine: Engine, target: TargetServer
) -> None:
    """Its request is on record with the first check, and bears out the others too."""
    script = """
        @pytest.fixture(scope="module")
        def client(request):
            return request.getfixturevalue("token")

        @pytest.fixture(scope="module")
        def token():
            from testops import environment, contract
            made = Api(environment.read(os.environ), contract.load(CONTRACT), OPERATION)
            yield made
            made.close()

        from pathlib import Path
        CONTRACT = Path(os.environ["TESTOPS_CONTRACT"])

        @pytest.fixture(scope="module")
        def api(token):
            return token

        @pytest.fixture(scope="module")
        def answer(api):
            return api.get("/echo")

        def test_a(answer):
            expect.success(answer, 200)

        def test_b(answer):
            expect.success(answer, 200)
        """
    assert set(verdicts(run(sdk_engine, target, script)).values()) == {Outcome.PASSED}
