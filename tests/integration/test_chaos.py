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
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
import pytest
import yaml
from sqlalchemy import make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.domain.outcomes import Outcome, Status
from app.models import Result, Run
from app.services import descriptions, suites, tokens, users
from app.settings import Settings
from bridge.kafka import topics
from chaos.conditions import Reading
from chaos.faults import FAULTS, Fault
from chaos.judge import Judge
from chaos.load import Load, Rest
from chaos.prometheus import Prometheus
from tests import database_fixtures
from tests.database_fixtures import Postgres
from tests.factories import rows
from tests.integration.greetings import ASKING_SCRIPT, DESCRIPTION, Greetings, serving
from tests.kafka_fixtures import need_kafka
from tests.kafka_server import broker as kafka_server
from tests.kafka_server.cable import Cable
from tests.processes import SECRET, Processes, Running
from tests.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("chaos")]

CASES: Final = 8
#: How long a fault lasts here, in seconds; runs take about two.
BROKEN_SECONDS: Final = 8.0
BRIDGES: Final = ("relay", "results", "analytics", "dead-letters")
#: The database's volume, which one test fills.
VOLUME_MEGABYTES: Final = 400
DELAY_SECONDS: Final = 0.1
CLOCK: Final = Path(__file__).with_name("clock")


def need(what: str, is_there: object) -> None:
    """Skip, or fail where skipping is forbidden."""
    if is_there:
        return
    if os.environ.get("TESTOPS_REQUIRE_REAL") == "1":
        pytest.fail(f"{what} is needed")
    pytest.skip(f"{what} is needed")


@dataclass
class Stage:
    """Everything that can be broken, and who judges."""

    kafka: kafka_server.Kafka
    #: Between the bridge and Kafka.
    cable: Cable
    #: Between everybody and PostgreSQL.
    wire: Cable
    volume: Path
    postgres: Postgres
    sessions: sessionmaker[Session]
    runners: Processes
    runner: Running
    load: Load
    judge: Judge

    def steady(self) -> list[Reading]:
        return [each for each in self.judge.steady() if not each.holds]

    def unbearable(self) -> list[Reading]:
        return [each for each in self.judge.bearable() if not each.holds]

    def wait_steady(self, seconds: float, *, after: str = "") -> None:
        """Wait until all is well and a run has ended that was not the given one."""

        def is_steady() -> bool:
            last = self.load.last
            return last is not None and last.id != after and not self.steady()

        try:
            wait_until(is_steady, "everything is steady", seconds=seconds, every=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}; not so: {self.steady()}") from error

    def replace_runner(self) -> None:
        """As Kubernetes does it with a container that has ended."""
        self.runner = self.runners.runner()
        # One that is told to end before it has begun does not end in order.
        self.runner.wait_ready()


@pytest.fixture(scope="module")
def volume() -> Iterator[Path]:
    """A file system of the database's own, which can be full; its server is no root and goes in."""
    need("root, who may mount a file system", os.geteuid() == 0)
    folder = Path(tempfile.mkdtemp(prefix="testops-volume-"))
    size = f"size={VOLUME_MEGABYTES}m,mode=0777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.fixture(scope="module")
def postgres_on_volume(volume: Path) -> Iterator[Postgres]:
    running = Postgres(volume / "data")
    yield running
    running.admin.dispose()
    running.server.cleanup()


@pytest.fixture(scope="module")
def ports() -> list[int]:
    return kafka_server.free_ports(8)


@pytest.fixture(scope="module")
def wire(postgres_on_volume: Postgres, ports: list[int]) -> Iterator[Cable]:
    """The way to the database; the wheel's server listens on a Unix socket."""
    folder = make_url(postgres_on_volume.server.get_uri()).query["host"]
    cable = Cable(ports[0], f"{folder}/.s.PGSQL.5432")
    yield cable
    cable.close()


@pytest.fixture(scope="module")
def settings(postgres_on_volume: Postgres, wire: Cable) -> Settings:
    name = postgres_on_volume.create()
    host, port = wire.address.split(":")
    url = make_url(postgres_on_volume.url(name)).set(host=host, port=int(port), query={})
    return database_fixtures.settings_for(
        url.render_as_string(hide_password=False), secret_key=SECRET, shard_size=2
    )


@pytest.fixture(scope="module")
def sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    engine = database.engine_of(settings)
    yield database.sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka_server.Kafka]:
    need_kafka()
    kafka = kafka_server.Kafka(tmp_path_factory.mktemp("kafka"))
    kafka.start()
    topics.create_all(kafka.address)
    yield kafka
    kafka.stop()


@pytest.fixture(scope="module")
def own_cable(own_kafka: kafka_server.Kafka) -> Iterator[Cable]:
    cable = Cable(own_kafka.far_port, own_kafka.near_port)
    yield cable
    cable.close()


@pytest.fixture(scope="module")
def prometheus(ports: list[int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Prometheus that asks every process each second."""
    need("Prometheus (Debian's package prometheus)", shutil.which("prometheus"))
    folder = tmp_path_factory.mktemp("prometheus")
    targets = [f"127.0.0.1:{port}" for port in (*ports[1:4], ports[7])]
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "platform", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{ports[6]}"
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={address}",
            "--log.level=error",
        ]
    )
    yield f"http://{address}"
    process.terminate()
    assert process.wait(20) == 0


def suite_of(session: Session, base_url: str, settings: Settings) -> str:
    reading = descriptions.read_bytes(yaml.safe_dump(DESCRIPTION).encode())
    description = descriptions.add(session, reading)
    suite = suites.create(
        session, description.id, name="Chaos", base_url=base_url, settings=settings
    )
    for number in range(CASES):
        script = ASKING_SCRIPT.format(number=number)
        operation = f"GET /greetings/{{name}} {number}"
        rows.case(session, suite, operation, script=script, generated_script=script)
    return suite.id


@pytest.fixture(scope="module")
def stage(  # noqa: PLR0917 - fixtures
    own_kafka: kafka_server.Kafka,
    own_cable: Cable,
    wire: Cable,
    volume: Path,
    postgres_on_volume: Postgres,
    settings: Settings,
    sessions: sessionmaker[Session],
    ports: list[int],
    prometheus: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    common = {
        "database_url": settings.database_url.get_secret_value(),
        "topic_creation": "auto",
        "settings": {"TESTOPS_STALE_AFTER_SECONDS": "61", "TESTOPS_REAP_EVERY_SECONDS": "0.5"},
    }
    bridge = Processes(tmp_path_factory.mktemp("bridge"), brokers=own_cable.address, **common)  # type: ignore[arg-type]  # spelled once
    others = Processes(tmp_path_factory.mktemp("others"), brokers=own_kafka.address, **common)  # type: ignore[arg-type]  # see above
    with contextlib.ExitStack() as ends, serving() as api:
        Greetings.may_answer.set()
        with sessions.begin() as session:
            suite_id = suite_of(session, api, settings)
            user = users.create(
                session, email="ada@example.com", password="a password for tests", name="Ada"
            )
            token = tokens.create(session, user.id, name="chaos").plain
        for number, start in enumerate(
            (
                lambda: bridge.bridge(*BRIDGES),
                others.scheduler,
                others.runner,
            ),
            start=1,
        ):
            for processes in (bridge, others):
                processes.set(TESTOPS_METRICS_PORT=str(ports[number]))
            running = start()
        others.web(ports[7])
        load = Load(Rest(f"http://127.0.0.1:{ports[7]}", token, suite_id), time.monotonic)
        judge = Judge(Prometheus(prometheus).ask, load)
        ends.enter_context(turning(judge))
        yield Stage(
            own_kafka,
            own_cable,
            wire,
            volume,
            postgres_on_volume,
            sessions,
            others,
            running,
            load,
            judge,
        )
        others.stop()
        bridge.stop()


@contextlib.contextmanager
def turning(judge: Judge) -> Iterator[None]:
    """The judge's load, in a thread."""
    is_over = threading.Event()

    def turn() -> None:
        while not is_over.wait(0.2):
            judge.turn()

    thread = threading.Thread(target=turn)
    thread.start()
    yield
    is_over.set()
    thread.join()


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
#: Without its database the web cannot answer.
MAY_REFUSE: Final = frozenset({"database-disk-full"})


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
            assert stage.unbearable() == [] or fault.name in MAY_REFUSE
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
