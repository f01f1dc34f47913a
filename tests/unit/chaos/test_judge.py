"""The judge tells by a status, over HTTP, what Prometheus and the load say."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from chaos import judge
from chaos.conditions import Ask, Condition, Reading
from chaos.judge import Judge
from chaos.load import ENDS, Load, Rest, Run
from chaos.prometheus import Prometheus
from tests.kafka_server.broker import free_ports
from tests.shared_material import ROOT
from tests.waiting import wait_until


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Suite:
    """A platform where each run is as the test says."""

    runs: dict[str, Run] = field(default_factory=dict)
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    def start(self) -> Run:
        self._ask("start")
        run = Run(f"run-{len(self.runs)}", is_final=False, errored=0)
        self.runs[run.id] = run
        return run

    def get(self, run_id: str) -> Run:
        self._ask(run_id)
        return self.runs[run_id]

    def end(self, run_id: str, errored: int = 0) -> None:
        self.runs[run_id] = Run(run_id, is_final=True, errored=errored)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.is_away:
            raise ConnectionRefusedError


@pytest.fixture
def suite() -> Suite:
    return Suite()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def load(suite: Suite, clock: Clock) -> Load:
    return Load(suite, clock)


def test_one_run_follows_the_other(load: Load, suite: Suite) -> None:
    load.turn()
    load.turn()
    suite.end("run-0")
    load.turn()
    load.turn()
    assert suite.asked == ["start", "run-0", "run-0", "start"]
    assert load.last == Run("run-0", is_final=True, errored=0)


def test_nothing_is_known_of_runs_before_the_first_has_ended(load: Load, suite: Suite) -> None:
    load.turn()
    assert load.steady().holds is False
    suite.end("run-0", errored=2)
    load.turn()
    assert load.steady().value == 2
    assert load.steady().holds is False


def test_a_run_has_five_minutes(load: Load, suite: Suite, clock: Clock) -> None:
    load.turn()
    clock.now = 300
    assert load.bearable().holds is True
    clock.now = 301
    assert load.bearable().holds is False
    suite.end("run-0")
    load.turn()
    assert load.bearable() == Reading(ENDS, 0)


def test_a_platform_that_starts_nothing_is_late_too(load: Load, suite: Suite, clock: Clock) -> None:
    suite.is_away = True
    clock.now = 301
    load.turn()
    assert load.bearable().holds is False
    suite.is_away = False
    load.turn()
    assert suite.asked == ["start", "start"]


def all_is_well(_query: str) -> float:
    return 0


@contextlib.contextmanager
def served(server: http.server.HTTPServer) -> Iterator[str]:
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def get(url: str) -> tuple[int, dict[str, dict[str, object]]]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - loopback
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def verdicts(ask: Ask, load: Load) -> Mapping[str, tuple[int, dict[str, dict[str, object]]]]:
    with served(judge.server(Judge(ask, load), 0)) as url:
        return {path: get(f"{url}{path}") for path in ("/steady", "/bearable", "/other")}


def test_a_status_says_whether_all_is_well(load: Load, suite: Suite) -> None:
    load.turn()
    suite.end("run-0")
    Judge(all_is_well, load).turn()
    told = verdicts(all_is_well, load)
    assert {path: status for path, (status, _) in told.items()} == {
        "/steady": 200,
        "/bearable": 200,
        "/other": 404,
    }
    assert {"holds": True, "value": 0, "most": 50} in told["/steady"][1].values()


def test_a_platform_that_is_not_steady_may_be_bearable(load: Load) -> None:
    """As long as the first run goes on."""
    told = verdicts(all_is_well, load)
    assert (told["/steady"][0], told["/bearable"][0]) == (503, 200)


def test_nothing_holds_where_nobody_can_be_asked(load: Load) -> None:
    def ask(_query: str) -> float:
        raise ConnectionRefusedError

    told = verdicts(ask, load)
    assert (told["/steady"][0], told["/bearable"][0]) == (503, 503)


def test_what_is_no_number_is_told_as_json() -> None:
    _, body = judge.answer([Reading(Condition("share", "", most=1), float("nan"))])
    assert json.loads(body)["share"] == {"holds": False, "value": None, "most": 1}


class Answers(http.server.BaseHTTPRequestHandler):
    """What a server answers to any request; the class is made anew for each test."""

    status = 200
    body: object = None
    asked: list[str]

    def do_GET(self) -> None:
        told = (self.headers[name] or "" for name in ("Authorization", "X-Forwarded-Proto"))
        self.asked.append(" ".join([self.command, self.path, *told]).strip())
        text = json.dumps(self.body).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextlib.contextmanager
def answering(body: object, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (Answers,), {"body": body, "status": status, "asked": asked})
    with served(http.server.HTTPServer(("127.0.0.1", 0), handler)) as url:
        yield url, asked


def vector(*values: str) -> object:
    return {"data": {"result": [{"metric": {}, "value": [1, value]} for value in values]}}


def test_prometheus_is_asked_for_one_number() -> None:
    with answering(vector("2.5")) as (url, asked):
        assert Prometheus(f"{url}/").ask('up{job="a"}') == 2.5
    assert asked == ["GET /api/v1/query?query=up%7Bjob%3D%22a%22%7D"]


def test_no_series_is_no_number() -> None:
    with answering(vector()) as (url, _):
        assert Prometheus(url).ask("up") is None


def test_a_question_for_several_series_is_a_mistake() -> None:
    with answering(vector("1", "2")) as (url, _), pytest.raises(ValueError, match="too many"):
        Prometheus(url).ask("up")


def test_what_prometheus_refuses_is_no_answer() -> None:
    with answering({}, 422) as (url, _), pytest.raises(OSError, match="422"):
        Prometheus(url).ask("up{")


def test_a_suite_is_run_through_rest() -> None:
    run = {"id": "r", "status": "cancelled", "totals": {"errored": 3}}
    with answering(run, 202) as (url, asked):
        rest = Rest(f"{url}/", "secret", "s")
        assert rest.start() == rest.get("r") == Run("r", is_final=True, errored=3)
    assert asked == [
        "POST /api/v1/suites/s/runs Bearer secret https",
        "GET /api/v1/runs/r Bearer secret https",
    ]


def test_a_platform_that_refuses_is_an_os_error() -> None:
    with answering({}, 503) as (url, _), pytest.raises(OSError, match="503"):
        Rest(url, "secret", "s").get("r")


def test_the_process_runs_the_suite_and_answers() -> None:
    [port] = free_ports(1)
    run = {"id": "r", "status": "finished", "totals": {"errored": 0}}
    with answering(vector("0")) as (prometheus, asked), answering(run) as (platform, _):
        environment = {
            "CHAOS_PROMETHEUS": prometheus,
            "CHAOS_MATCHERS": 'namespace="a"',
            "CHAOS_PLATFORM": platform,
            "CHAOS_TOKEN": "secret",
            "CHAOS_SUITE": "s",
            "CHAOS_PORT": str(port),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "chaos.judge"], cwd=ROOT, env={**os.environ, **environment}
        )

        def is_steady() -> bool:
            try:
                return get(f"http://127.0.0.1:{port}/steady")[0] == 200
            except OSError:
                return False

        wait_until(is_steady, "the judge has seen a whole run", every=0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == -signal.SIGTERM
    assert asked
