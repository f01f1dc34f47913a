"""Apache Kafka as a child process: one broker that is its own controller (KRaft)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.shared_material import ROOT

POM = Path(__file__).parent / "pom.xml"
CACHE = ROOT / ".cache" / "kafka"
JAVA = [
    "java", "-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
]  # fmt: skip
START_SECONDS = 60
#: Sixteen bytes in base64, not beginning with a dash, which would read as an option.
CLUSTER_ID = "dGVzdG9wcy10ZXN0aW5nIQ"

CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data
num.partitions=4
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


def missing() -> str:
    """Why this machine cannot run Kafka; empty where it can."""
    absent = [program for program in ("java", "mvn") if shutil.which(program) is None]
    if absent:
        return f"Apache Kafka needs {' and '.join(absent)}"
    text = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    major = int(text.split('"')[1].split(".")[0])
    return "" if major >= 17 else f"Apache Kafka needs Java 17, this is {major}"


def jars() -> Path:
    """The folder of Kafka's jars, fetched by Maven the first time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder, complete = CACHE / "lib", CACHE / "complete"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists() or complete.read_text() != POM.read_text():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run(
                ["mvn", "-q", "-B", "-f", POM, "dependency:copy-dependencies",
                 f"-DoutputDirectory={folder}", "-DincludeScope=runtime"],
                check=True, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            complete.write_text(POM.read_text())
    return folder


class Kafka:
    """A broker on loopback that can be stopped, killed, frozen and started again."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "server.log"
        self._classpath = f"{jars()}/*"
        self._config = folder / "server.properties"
        port, controller_port = free_ports(2)
        self.address = f"127.0.0.1:{port}"
        self._config.write_text(
            CONFIG.format(port=port, controller_port=controller_port, folder=folder)
        )
        self._run("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self._config)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*JAVA, "-cp", self._classpath, "kafka.Kafka", self._config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Kafka does not start: {self._log.read_text()[-2000:]}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal and wait for its end."""
        if self._process is not None:
            self._process.send_signal(number)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stopped in its tracks (SIGSTOP) for a while."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        # Until its last thread stands still it may answer.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), 0.2).close()
        except OSError:
            time.sleep(0.1)
            return False
        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        try:
            return bool(admin.list_topics(timeout=5).brokers)
        except KafkaException:
            return False

    def _run(self, *arguments: str | Path) -> None:
        subprocess.run(
            [*JAVA, "-cp", self._classpath, *arguments],
            check=True, capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
