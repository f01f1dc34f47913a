"""Ports, and what is refused before anything starts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.errors import ConflictError
from bridge.local import __main__ as command
from bridge.local.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State(tmp_path / "state")
    made.prepare()
    return made


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_one_clear_line_and_nothing_is_made(taken: int, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    ended = CliRunner().invoke(command.main, ["--port", str(taken), "--state", str(folder)])
    assert ended.exit_code == 1
    expected = f"Port {taken} is taken. Choose another one: make run PORT={taken + 1}"
    assert ended.output == f"{expected}\n"
    assert not folder.exists()


def test_a_state_that_is_in_use_is_refused(state: State) -> None:
    free = command._free_port()
    with state.claimed():
        ended = CliRunner().invoke(
            command.main, ["--port", str(free), "--state", str(state.folder)]
        )
    assert ended.exit_code == 1
    assert "runs already" in ended.output


def test_the_demos_port_stays_the_same_between_starts(state: State) -> None:
    first = command.choose_demo_port(state, 0)
    assert command.choose_demo_port(state, None) == first
    assert command.choose_demo_port(state, 0) == first


def test_the_demo_moves_when_its_port_is_taken(state: State, taken: int) -> None:
    state.keep_demo_port(taken)
    assert command.choose_demo_port(state, None) != taken


def test_without_a_wish_the_demo_takes_its_usual_port_if_it_can(state: State) -> None:
    chosen = command.choose_demo_port(state, None)
    assert chosen == command.DEMO_PORT or not command.is_free(command.DEMO_PORT)
    assert state.demo_port() == chosen


def test_a_port_that_is_wished_for_must_be_free(state: State, taken: int) -> None:
    with pytest.raises(ConflictError, match="is taken"):
        command.choose_demo_port(state, taken)
    free = command._free_port()
    assert command.choose_demo_port(state, free) == free
