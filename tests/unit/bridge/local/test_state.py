"""The folder that is kept between starts."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from app.errors import ConflictError
from bridge.local.state import ADMIN_EMAIL, State


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State(tmp_path / "deep" / "state")
    made.prepare()
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_only_the_owner_reads_them(state: State) -> None:
    key = state.secret_key()
    assert len(key) >= 32
    assert State(state.folder).secret_key() == key
    assert mode(state.folder / "secret_key") == 0o600


def test_the_first_admin_keeps_the_password_of_the_first_start(state: State) -> None:
    admin = state.admin()
    assert admin.email == ADMIN_EMAIL
    assert len(admin.password) >= 12
    assert state.admin() == admin
    assert mode(state.folder / "admin.json") == 0o600


def test_two_installations_share_no_secret(state: State, tmp_path: Path) -> None:
    other = State(tmp_path / "other")
    other.prepare()
    assert other.secret_key() != state.secret_key()
    assert other.admin().password != state.admin().password


def test_a_draft_of_an_interrupted_start_is_no_obstacle(state: State) -> None:
    (state.folder / "secret_key.draft").write_text("half")
    assert "half" not in state.secret_key()
    assert not (state.folder / "secret_key.draft").exists()


def test_the_folder_is_held_by_one(state: State) -> None:
    with (
        state.claimed(),
        pytest.raises(ConflictError, match="runs already"),
        State(state.folder).claimed(),
    ):
        pass
    with state.claimed():
        pass


def test_the_demos_port_is_remembered(state: State) -> None:
    assert state.demo_port() is None
    state.keep_demo_port(5051)
    assert state.demo_port() == 5051


def test_everything_lies_in_the_folder(state: State) -> None:
    paths = (state.postgres, state.broker_address, state.log("web"), state.heartbeat("web"))
    assert all(state.folder in path.parents for path in paths)
    assert state.log("web").parent.is_dir()
    assert state.heartbeat("web").parent.is_dir()


def test_a_shell_can_read_what_commands_need(state: State) -> None:
    state.write_environment({"TESTOPS_A": "old"})
    state.write_environment({"TESTOPS_A": "it's $HOME; ls", "TESTOPS_B": "x"})
    words = f'. {state.environment}; printf \'%s|%s\' "$TESTOPS_A" "$TESTOPS_B"'
    read = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=True)
    assert read.stdout == "it's $HOME; ls|x"
    assert mode(state.environment) == 0o600
