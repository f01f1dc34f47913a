import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from confluent_kafka.admin import AdminClient

from app.messages.topics import QUEUES, TOPICS
from bridge.kafka import embedded
from bridge.kafka.builtin import BuiltinBroker
from bridge.kafka.topics import broadcast_logs
from tests.shared_material import ROOT
from tests.waiting import wait_until


def start(port_file: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge.kafka.embedded", "--port-file", port_file],
        cwd=ROOT,
        stdin=subprocess.PIPE,
    )
    wait_until(lambda: port_file.exists() or process.poll() is not None, "the broker starts")
    assert process.poll() is None
    return process


def partitions(address: str) -> dict[str, int]:
    there = (
        AdminClient({"bootstrap.servers": address, "log_level": 0}).list_topics(timeout=10).topics
    )
    return {name: len(topic.partitions) for name, topic in there.items()}


def test_it_serves_the_platforms_topics(embedded_broker: str) -> None:
    expected = {topic.name: topic.partitions for topic in TOPICS}
    expected |= dict.fromkeys(broadcast_logs(), 1)
    assert partitions(embedded_broker).items() >= expected.items()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path / "address")
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_it_ends_when_its_standard_input_is_closed(tmp_path: Path) -> None:
    process = start(tmp_path / "address")
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_it_ends_when_its_parent_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in this process: it has another parent from the second look on."""
    parents = iter([1, 1, 2])
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(embedded, "_WATCH_SECONDS", 0.0)
    monkeypatch.setattr(os, "fstat", lambda _: SimpleNamespace(st_mode=0))
    result = CliRunner().invoke(embedded.main, ["--port-file", str(tmp_path / "address")])

    assert result.exit_code == 0
    assert (tmp_path / "address").read_text().startswith("127.0.0.1:")


def test_a_signal_ends_the_process() -> None:
    with pytest.raises(SystemExit):
        embedded._end(signal.SIGTERM, None)


def test_input_counts_as_closed_only_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    saved = os.dup(0)
    monkeypatch.setattr(embedded, "_WATCH_SECONDS", 0.0)
    try:
        os.dup2(reader, 0)
        assert not embedded._input_closed()
        os.write(writer, b"x")
        assert not embedded._input_closed()
        os.close(writer)
        assert embedded._input_closed()
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(reader)


def test_the_broker_works_without_the_c_library_beside_the_client(tmp_path: Path) -> None:
    broker = BuiltinBroker(QUEUES, package=tmp_path)
    assert partitions(broker.address) == {}


def test_the_broker_has_the_topics_it_was_given() -> None:
    broker = BuiltinBroker(QUEUES)
    expected = {topic.name: topic.partitions for topic in QUEUES}
    dead_letters = {topic.dead_letter: 1 for topic in QUEUES}
    assert partitions(broker.address) == expected | dead_letters
