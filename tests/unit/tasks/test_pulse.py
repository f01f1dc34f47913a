"""The heartbeat of a worker, with a timer made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tasks.pulse import EVERY_SECONDS, Pulse
from tests.processes import SECRET


@dataclass
class Entry:
    """What is called again and again, until it is cancelled."""

    every: float
    call: Callable[..., None]
    words: Sequence[str]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class Timer:
    entries: list[Entry] = field(default_factory=list)

    def call_repeatedly(
        self, seconds: float, call: Callable[..., None], words: Sequence[str]
    ) -> Entry:
        self.entries.append(Entry(seconds, call, words))
        return self.entries[-1]


@dataclass
class Consumer:
    timer: Timer = field(default_factory=Timer)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TESTOPS_SECRET_KEY", SECRET)
    monkeypatch.setenv("TESTOPS_HEARTBEAT_FILE", str(tmp_path / "beat"))
    return tmp_path / "beat"


def test_it_beats_once_connected_and_from_then_on(path: Path) -> None:
    consumer = Consumer()
    Pulse(consumer).start(consumer)
    assert path.exists()
    path.unlink()
    [entry] = consumer.timer.entries
    entry.call(*entry.words)
    assert path.exists()
    assert entry.every == EVERY_SECONDS


def test_it_stops_when_the_connection_is_lost(path: Path) -> None:
    consumer = Consumer()
    pulse = Pulse(consumer)
    pulse.start(consumer)
    pulse.stop(consumer)
    assert consumer.timer.entries[0].is_cancelled
    pulse.stop(consumer)
