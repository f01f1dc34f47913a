"""Loops in one process, and what each loop is connected to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from bridge import processes
from bridge.processes import Surroundings
from tests import database_fixtures


def surroundings(settings: Settings) -> Surroundings:
    return Surroundings(settings, mock.sentinel.engine, mock.sentinel.sessions, threading.Event())


def peaceful(around: Surroundings, beat: Callable[[], None]) -> None:
    beat()
    around.stop.wait(20)


def ending(_around: Surroundings, _beat: Callable[[], None]) -> None:
    """A loop that ends by itself."""


def breaking(_around: Surroundings, _beat: Callable[[], None]) -> None:
    raise ValueError("it broke")


def test_a_loop_that_ends_ends_the_others(policy: Settings) -> None:
    loops = {"one": peaceful, "two": ending}
    assert processes.run(["one", "two"], surroundings(policy), loops)


def test_a_loop_that_breaks_ends_the_others_and_is_told(policy: Settings) -> None:
    loops = {"one": peaceful, "two": breaking}
    assert not processes.run(["one", "two"], surroundings(policy), loops)


def test_only_the_named_loops_run(policy: Settings) -> None:
    assert processes.run(["two"], surroundings(policy), {"one": breaking, "two": ending})


def test_a_part_of_a_loop_that_breaks_breaks_the_loop(policy: Settings) -> None:
    beats: list[None] = []
    loops = {"one": peaceful, "two": breaking}
    with pytest.raises(ValueError, match="it broke"):
        processes._run_together(loops, surroundings(policy), lambda: beats.append(None))
    assert beats == []


def test_the_heartbeat_needs_all_of_the_loops(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    known = database_fixtures.settings_for("postgresql://nowhere/none", heartbeat_file=str(path))
    seen = threading.Event()

    def late(around: Surroundings, beat: Callable[[], None]) -> None:
        assert not path.exists()
        beat()
        seen.set()

    def early(_around: Surroundings, beat: Callable[[], None]) -> None:
        beat()
        seen.wait(20)

    assert processes.run(["early", "late"], surroundings(known), {"early": early, "late": late})
    assert path.exists()


@pytest.mark.parametrize("name", processes.LOOPS)
def test_each_loop_lives_and_ends_when_told(
    name: str,
    embedded_broker: str,
    settings: Settings,
    engine: Engine,
    sessions: sessionmaker[Session],
) -> None:
    known = settings.model_copy(
        update={"kafka_brokers": embedded_broker, "kafka_topic_creation": "auto"}
    )
    around = Surroundings(known, engine, sessions, threading.Event())
    processes.LOOPS[name](around, around.stop.set)
    assert around.stop.is_set()
