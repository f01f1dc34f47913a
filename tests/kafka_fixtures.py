"""Brokers for tests: a real Apache Kafka, the embedded one, and a fixture that is each in turn."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kafka_server import broker as server
from tests.kafka_server.cable import Cable
from tests.kafka_server.cluster import Cluster
from tests.kafka_server.secure import SecureKafka
from tests.shared_material import ROOT


@dataclass(frozen=True, slots=True)
class Broker:
    """A running broker, and what it can do."""

    address: str
    #: The embedded broker makes a topic for whoever asks; it has no topic administration.
    has_administration: bool

    @property
    def topic_creation(self) -> str:
        """The transport's option of that name."""
        return "create" if self.has_administration else "auto"


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Kafka]:
    """A real Apache Kafka, one for the session."""
    need_kafka()
    kafka = server.Kafka(tmp_path_factory.mktemp("kafka"))
    try:
        kafka.start()
        yield kafka
    finally:
        kafka.stop()


@pytest.fixture(scope="session")
def secure_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A real Apache Kafka that asks who one is.

    A test that asks for it is marked `kafka` and in the xdist group `kafka_secure`.
    """
    need_kafka()
    kafka = SecureKafka(tmp_path_factory.mktemp("secure"))
    kafka.start()
    yield kafka
    kafka.stop()


@pytest.fixture(scope="session")
def kafka_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes of a real Apache Kafka; tests use `kafka_cluster`."""
    need_kafka()
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop(signal.SIGKILL)


@pytest.fixture
def kafka_cluster(kafka_nodes: Cluster) -> Cluster:
    """Three nodes of a real Apache Kafka, all there, whatever an earlier test did to them.

    A test that asks for it is marked `kafka` and in the xdist group `kafka_cluster`.
    """
    kafka_nodes.start()
    return kafka_nodes


@pytest.fixture
def cable(kafka_server: server.Kafka) -> Iterator[Cable]:
    """A way to a real Apache Kafka that can be interrupted."""
    cable = Cable(kafka_server.far_port, kafka_server.near_port)
    yield cable
    cable.close()


@pytest.fixture(scope="session")
def kafka(kafka_server: server.Kafka) -> str:
    """Address of a real Apache Kafka."""
    return kafka_server.address


@pytest.fixture(scope="session")
def embedded_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an embedded broker in a process of its own."""
    with embedded(tmp_path_factory.mktemp("embedded")) as address:
        yield address


@pytest.fixture(
    params=[
        "embedded",
        pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.xdist_group("kafka")]),
    ]
)
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each kind of broker in turn."""
    real = request.param == "kafka"
    address: str = request.getfixturevalue("kafka" if real else "embedded_broker")
    return Broker(address, has_administration=real)


@pytest.fixture
def fresh() -> str:
    """A name that no other test uses, for topics and groups."""
    return f"t{uuid.uuid4().hex[:12]}"


def need_kafka() -> None:
    """Skip, or fail where skipping is forbidden, on a machine that cannot run Kafka."""
    reason = server.missing()
    if reason and os.environ.get("TESTOPS_REQUIRE_REAL") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@contextlib.contextmanager
def embedded(folder: Path) -> Iterator[str]:
    """Run an embedded broker and give its address."""
    port_file = folder / "address"
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge.kafka.embedded", "--port-file", port_file],
        cwd=ROOT,
        stdin=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 30
        while not port_file.exists():
            assert process.poll() is None, "the embedded broker ended at once"
            assert time.monotonic() < deadline, "the embedded broker does not start"
            time.sleep(0.02)
        yield port_file.read_text()
    finally:
        process.terminate()
        process.communicate(timeout=20)
