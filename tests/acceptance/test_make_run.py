"""`make run`: from nothing to a platform that can be used, ended, and started again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy.orm import Session

from app import database
from app.domain.outcomes import Status
from app.services import descriptions, generations, runs, suites
from bridge.local import launch, postgres
from bridge.local.parts import Site
from bridge.local.state import State
from tests.shared_material import ROOT
from tests.waiting import wait_until

#: Eight processes come up on two cores that others use too.
START_SECONDS = 180.0
STOP_SECONDS = 30.0
#: Where the broker is killed in the same moment, each client of it waits for it as long as it may,
#: one after the other: 5 s for an introduction, 20 s for delayed messages, 10 s for a group.
STOP_ALONE_SECONDS = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Life:
    """One start of `python -m bridge.local`."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.state = State(folder)
        self.said = folder.parent / "said"
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "bridge.local", "--port", str(port)),
                    *("--demo-port", "0", "--state", str(folder)),
                ],
                cwd=ROOT,
                env={**os.environ, "TESTOPS_CASE_SECONDS": "20", "PYTHONUNBUFFERED": "1"},
                stdout=said,
                stderr=said,
            )

    def text(self) -> str:
        return self.said.read_text()

    def wait_for(self, words: str, times: int = 1) -> None:
        def is_said() -> bool:
            assert self.process.poll() is None, self.text()
            return self.text().count(words) >= times

        try:
            wait_until(is_said, words, seconds=START_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from error

    def parts(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, module: str) -> psutil.Process:
        [found] = [
            part for part in psutil.Process(self.process.pid).children() if module in part.cmdline()
        ]
        return found

    def signal(
        self, number: signal.Signals, seconds: float = STOP_SECONDS
    ) -> tuple[int, list[tuple[str, ...]]]:
        """Send the signal; the exit status, and the commands that go on for more than `seconds`."""
        commands = {}
        for part in self.parts():
            # What a part has tried something in may just have ended.
            with contextlib.suppress(psutil.NoSuchProcess):
                commands[part] = tuple(part.cmdline())
        assert len(commands) > 7
        self.process.send_signal(number)
        status = self.process.wait(STOP_SECONDS)
        _, left = psutil.wait_procs(list(commands), timeout=seconds)
        return status, [commands[part] for part in left]

    def transaction(self, use: Callable[[Session], str]) -> str:
        """Do something in the platform's own database."""
        cluster = postgres.prepare(self.state.postgres)
        settings = launch.settings_of(Site(self.state, self.port, 0), cluster)
        engine = database.engine_of(settings)
        try:
            with database.sessions(engine).begin() as session:
                return use(session)
        finally:
            engine.dispose()

    def sign_in(self) -> httpx.Response:
        """The page that follows a sign-in with what was printed."""
        admin = self.state.admin()
        base = f"http://127.0.0.1:{self.port}"
        with httpx.Client(base_url=base, trust_env=False, timeout=30) as browser:
            page = browser.get("/sign-in")
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            assert token, page.text
            form = {"csrf_token": token[1], "email": admin.email, "password": admin.password}
            return browser.post("/sign-in", data=form, follow_redirects=True)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Callable[[], Life]]:
    """Starts the platform with one state folder; kills what a failed test leaves."""
    port = free_port()
    started: list[Life] = []

    def start() -> Life:
        started.append(Life(port, tmp_path / "state"))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            for part in one.parts():
                part.kill()
            one.process.kill()
            one.process.wait()


def add_suite(demo_url: str, life: Life) -> str:
    """A suite of the demo API, whose cases are asked for; its id."""
    settings = launch.settings_of(
        Site(life.state, life.port, 0), postgres.prepare(life.state.postgres)
    ).model_copy(update={"allowed_private_hosts": ("127.0.0.1",)})
    reading = descriptions.read_url(demo_url, settings)

    def add(session: Session) -> str:
        description = descriptions.add(session, reading)
        base_url = demo_url.removesuffix("/openapi.json")
        suite = suites.create(
            session, description.id, name="Demo", base_url=base_url, settings=settings
        )
        generations.request(session, suite.id)
        return suite.id

    return life.transaction(add)


def start_run(life: Life, suite_id: str) -> str:
    settings = launch.settings_of(
        Site(life.state, life.port, 0), postgres.prepare(life.state.postgres)
    )
    return life.transaction(lambda session: runs.start(session, suite_id, settings=settings).id)


def test_make_run_from_the_first_start_to_the_end(life: Callable[[], Life]) -> None:
    """Starts, lets in, refuses a second one, ends without a trace, and goes on where it was."""
    first = life()
    first.wait_for("Ready at")
    assert first.state.admin().password in first.text()
    assert first.sign_in().status_code == 200
    taken = subprocess.run(
        [sys.executable, "-m", "bridge.local", "--port", str(first.port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert taken.returncode == 1
    assert taken.stderr == (
        f"Port {first.port} is taken. Choose another one: make run PORT={first.port + 1}\n"
    )
    assert not taken.stdout
    suite_id = add_suite(f"http://127.0.0.1:{first.state.demo_port()}/openapi.json", first)
    wait_until(
        lambda: (
            first.transaction(lambda s: generations.list(s, suite_id).items[0].status)
            == Status.FINISHED
        ),
        "the cases are written",
        seconds=90,
        every=0.5,
    )
    run_id = start_run(first, suite_id)
    assert first.signal(signal.SIGINT) == (0, [])
    assert "Stopped." in first.text()

    second = life()
    second.wait_for("Ready at")
    assert second.sign_in().status_code == 200
    wait_until(
        lambda: second.transaction(lambda s: runs.get(s, run_id).status) == Status.FINISHED,
        "the run that was interrupted is finished",
        seconds=120,
        every=0.5,
    )
    started = time.monotonic()
    second.part("bridge.kafka.embedded").kill()
    second.wait_for("broker     ready after", times=2)
    second.wait_for("runner     ready after", times=2)
    second.wait_for("bridge     ready after", times=2)
    assert "starting again, since the broker was lost" in second.text()
    assert time.monotonic() - started < START_SECONDS
    assert second.signal(signal.SIGTERM) == (0, [])


def test_a_start_may_be_interrupted(life: Callable[[], Life]) -> None:
    one = life()
    one.wait_for("Starting")
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(STOP_SECONDS) == 0
    assert "Stopped." in one.text()


def test_nothing_outlives_a_killed_supervisor(life: Callable[[], Life]) -> None:
    one = life()
    one.wait_for("runner     ready")
    _, left = one.signal(signal.SIGKILL, STOP_ALONE_SECONDS)
    assert left == []
