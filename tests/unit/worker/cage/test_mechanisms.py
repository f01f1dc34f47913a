"""What a machine lacks: Landlock, seccomp, Linux, rights."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

import pytest
import seccompy

from worker.cage import calls, identity, landlock, namespaces, sight, system, trial
from worker.cage.building import Builder
from worker.cage.cell import Cell
from worker.cage.layers import Layer
from worker.cage.namespaces import Keeper
from worker.cage.report import Report
from worker.cage.wish import Wish

#: Linux gives no process a number above 2 ** 22.
_NOBODY = 2**22 + 1


def absent(*_: object) -> int:
    raise OSError(errno.ENOSYS, "not here")


def build(workspace: Path, *layers: Layer) -> tuple[Cell, Report]:
    return Builder(Wish(layers=frozenset(layers)), workspace, lambda _: 0).build()


def why(report: Report, layer: Layer) -> str:
    return next(each.note for each in report.findings if each.layer is layer)


def test_other_systems_have_none_of_the_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="prctl exists on Linux only"):
        system.gain_no_rights()


def test_a_refused_call_tells_the_kernels_reason() -> None:
    with pytest.raises(OSError, match=r"^\[Errno \d+\] umount2: "):
        system.unmount(os.sep + "proc/self")


def test_a_kernel_without_landlock_has_version_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "call", absent)
    assert landlock.version() == 0


@pytest.mark.parametrize(
    ("version", "missing"),
    [
        (0, {Layer.LANDLOCK_FILES, Layer.LANDLOCK_PORTS, Layer.LANDLOCK_SCOPES}),
        (3, {Layer.LANDLOCK_PORTS, Layer.LANDLOCK_SCOPES}),
        (4, {Layer.LANDLOCK_SCOPES}),
    ],
)
def test_what_an_older_landlock_lacks_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, missing: set[Layer]
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: version)
    wanted = {Layer.LANDLOCK_FILES, Layer.LANDLOCK_PORTS, Layer.LANDLOCK_SCOPES}
    _, report = build(tmp_path, *wanted)
    assert report.layers <= wanted - missing
    assert "Landlock" in why(report, Layer.LANDLOCK_SCOPES)


@pytest.mark.parametrize("version", [1, 2, 3, 5, 99])
def test_rights_are_asked_for_that_the_version_knows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: int
) -> None:
    asked: list[bytes] = []

    def record(number: int, *arguments: object) -> int:
        if number == landlock._CREATE:
            asked.append(bytes(arguments[0].value or b""))  # type: ignore[attr-defined]
            return os.open(os.devnull, os.O_RDONLY)
        return 0

    monkeypatch.setattr(system, "call", record)
    landlock.Rules([str(tmp_path)], ["/dev/null"], version).restrict([str(tmp_path)])
    assert asked


def test_a_machine_without_seccomp_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> int:
        raise seccompy.UnsupportedError("unsupported architecture: riscv64")

    monkeypatch.setattr(calls, "audit_arch", unknown)
    _, report = build(tmp_path, Layer.CALLS)
    assert report.layers == frozenset()
    assert "riscv64" in why(report, Layer.CALLS)
    monkeypatch.undo()
    monkeypatch.setattr(calls, "kernel_supports", lambda: False)
    assert calls.unavailable() == "the kernel has no seccomp filters"


def test_a_younger_architecture_lacks_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is nothing to allow or to refuse."""
    known = seccompy.syscall_nr

    def number(name: str) -> int:
        if name in {"open", "fork", "epoll_create"}:
            raise ValueError(name)
        return known(name)

    monkeypatch.setattr(calls, "syscall_nr", number)
    assert calls.compiled() is not None


def test_namespaces_that_are_refused_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespaces, "separate", absent)
    _, report = build(tmp_path, Layer.MOUNTS, Layer.NETWORK, Layer.DEATH)
    assert report.layers == {Layer.DEATH}
    assert "not here" in why(report, Layer.NETWORK)


def test_a_network_of_its_own_needs_neither_a_view_nor_a_keeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    separated: list[frozenset[Layer]] = []
    monkeypatch.setattr(namespaces, "separate", separated.append)
    cell, report = build(tmp_path, Layer.NETWORK)
    assert separated == [{Layer.NETWORK}]
    assert report.layers == {Layer.NETWORK}
    assert cell.view is None
    assert cell.keeper is None


def test_a_step_that_fails_when_tried_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "close_memory", lambda: None)
    monkeypatch.setattr(system, "gain_no_rights", absent)
    cell, report = build(tmp_path, Layer.NO_NEW_RIGHTS, Layer.DEATH)
    assert cell.layers == report.layers == {Layer.DEATH}
    assert "not here" in why(report, Layer.NO_NEW_RIGHTS)


def test_a_python_that_its_user_cannot_read_keeps_root_from_changing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Say it lies in root's home: then the cases stay root's, and other layers must do."""
    monkeypatch.setattr(identity, "available", lambda: range(1, 2))
    monkeypatch.setattr(identity, "become", lambda _: None)
    hidden = tmp_path / "hidden"
    monkeypatch.setattr(os, "__file__", str(hidden))
    _, report = build(tmp_path, Layer.OWN_USER, Layer.DEATH)
    assert report.layers == {Layer.DEATH}
    assert "hidden" in why(report, Layer.OWN_USER)


def test_a_trial_that_breaks_off_is_a_failure() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    failure = trial.attempt([(frozenset({Layer.CALLS}), broken)])
    assert failure == trial.Failure(frozenset({Layer.CALLS}), "it broke off")
    assert trial.attempt([(frozenset({Layer.CALLS}), lambda: None)]) is None


def test_a_trial_that_somebody_kills_says_nothing_of_the_machine() -> None:
    def killed() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ChildProcessError, match=r"before it could tell \(status -9\)"):
        trial.attempt([(frozenset({Layer.CALLS}), killed)])


def test_who_lets_go_of_a_namespace_waits_for_all_of_it() -> None:
    """Its first process ends after the others were waited for, which are the same parent's."""

    def let_go() -> None:
        other = os.posix_spawnp("true", ["true"], {})
        os.waitid(os.P_PID, other, os.WEXITED | os.WNOWAIT)
        held, leash = os.pipe()
        actions = [(os.POSIX_SPAWN_DUP2, held, 0), (os.POSIX_SPAWN_CLOSE, leash)]
        keeper = os.posix_spawnp("cat", ["cat"], os.environ, file_actions=actions)
        namespaces.Keeper(keeper, leash).release()
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)

    assert trial.attempt([(frozenset(), let_go)]) is None


def test_orphans_are_killed_until_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the first had started too; one that has ended by itself is no hindrance."""
    first, second = (os.posix_spawnp("sleep", ["sleep", "60"], os.environ) for _ in range(2))
    looks: list[set[int]] = [{_NOBODY, first}, {second}, set()]
    monkeypatch.setattr(Keeper, "orphans", lambda _: looks.pop(0))
    Cell(keeper=Keeper(_NOBODY, -1)).end_orphans()
    assert looks == []
    for pid in (first, second):
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def test_of_nested_paths_the_outermost_is_kept() -> None:
    assert sight.outermost(["/a/b", "/a", "/ab", "/a/", "/c/d"]) == ("/a", "/ab", "/c/d")


def test_what_may_be_read_exists_and_has_no_secrets_of_ours() -> None:
    paths = sight.readable()
    assert all(Path(path).exists() for path in paths)
    root = Path(__file__).resolve().parents[4]
    ours = [path for path in paths if Path(path).parent == root]
    assert [Path(path).name for path in ours] == ["testops", "worker"]
    assert not [path for path in paths if (root / ".env.example").is_relative_to(path)]


def test_without_namespaces_nothing_is_to_be_released() -> None:
    cell = Cell()
    assert cell.staff == set()
    cell.end_orphans()
