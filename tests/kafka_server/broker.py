"""Apache Kafka as child processes: a node, and a broker that is its own controller (KRaft)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.shared_material import ROOT

POM = Path(__file__).parent / "pom.xml"
CACHE = ROOT / ".cache" / "kafka"
JAVA = [
    "java", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
]  # fmt: skip
START_SECONDS = 90
#: Below those that Linux, macOS and the IANA give to outgoing connections.
PORTS = (15_000, 32_000)
#: Sixteen bytes in base64, not beginning with a dash, which would read as an option.
CLUSTER_ID = "dGVzdG9wcy10ZXN0aW5nIQ"

#: What every node says, alone or in a cluster.
COMMON = """\
process.roles=broker,controller
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CABLE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
num.partitions=4
auto.create.topics.enable=false
offsets.topic.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=3000
group.consumer.min.heartbeat.interval.ms=200
group.consumer.heartbeat.interval.ms=500
"""
#: The listener CABLE leads clients to a port where a proxy may listen, see `cable`.
ALONE = """\
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CABLE://127.0.0.1:{near_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CABLE://127.0.0.1:{far_port}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
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


class Node:
    """A Kafka process on loopback that can be stopped, killed, frozen and started again."""

    def __init__(
        self,
        folder: Path,
        config: str,
        address: str,
        *,
        heap: str = "512m",
        scram: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.address = address
        self._log = folder / "server.log"
        self._java = [*JAVA, f"-Xmx{heap}", "-cp", f"{jars()}/*"]
        self._config = folder / "server.properties"
        self._config.write_text(f"{COMMON}{config}log.dirs={folder}/data\n")
        subprocess.run(
            [*self._java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID,
             "-c", self._config, *_credentials(scram)],
            check=True, capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.begin()
        self.wait_ready()

    def begin(self) -> None:
        """Start, and wait for nothing."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._java, "kafka.Kafka", self._config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def wait_ready(self, brokers: int = 1, *, seconds: float = START_SECONDS) -> None:
        """Wait until it answers and knows of so many brokers."""
        deadline = time.monotonic() + seconds
        while self._brokers() < brokers:
            if self.is_down() or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Kafka does not start: {self._log.read_text()[-2000:]}")

    def is_down(self) -> bool:
        """Whether its process has ended, or was never started."""
        return self._process is None or self._process.poll() is not None

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

    def _brokers(self) -> int:
        """How many brokers it knows; 0 as long as it does not answer."""
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), 0.2).close()
        except OSError:
            time.sleep(0.1)
            return 0
        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        try:
            return len(admin.list_topics(timeout=5).brokers)
        except KafkaException:
            return 0


class Kafka(Node):
    """A broker that is its own controller."""

    def __init__(self, folder: Path) -> None:
        port, controller_port, self.near_port, self.far_port = free_ports(4)
        config = ALONE.format(
            port=port, controller_port=controller_port,
            near_port=self.near_port, far_port=self.far_port,
        )  # fmt: skip
        super().__init__(folder, config, f"127.0.0.1:{port}")


def _credentials(scram: Mapping[str, str]) -> list[str]:
    """Users and passwords as the storage tool wants them."""
    return [
        argument
        for user, password in scram.items()
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for argument in ("-S", f"{mechanism}=[name={user},password={password}]")
    ]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now.

    None that the system gives to outgoing connections: a client that tries again and again to
    reach a stopped server would at last be connected to itself, and the port be taken.
    """
    with contextlib.ExitStack() as stack:
        return [_free_port(stack) for _ in range(count)]


def _free_port(stack: contextlib.ExitStack) -> int:
    each = stack.enter_context(socket.socket())
    while True:
        port = random.randint(*PORTS)  # noqa: S311 - no secret
        with contextlib.suppress(OSError):
            each.bind(("127.0.0.1", port))
            return port
