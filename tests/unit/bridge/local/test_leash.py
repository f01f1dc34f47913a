"""The leash, with a system made by hand, and on the real one."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.local import leash
from tests.shared_material import ROOT
from tests.waiting import wait_until


class System:
    """Notes what is asked of it, in order."""

    def __init__(self, parent: int) -> None:
        self.parent = parent
        self.calls: list[tuple[object, ...]] = []

    def getppid(self) -> int:
        return self.parent

    def setgroups(self, groups: list[int]) -> None:
        self.calls.append(("setgroups", groups))

    def setgid(self, number: int) -> None:
        self.calls.append(("setgid", number))

    def setuid(self, number: int) -> None:
        self.calls.append(("setuid", number))

    def prctl(self, *words: int) -> None:
        self.calls.append(("prctl", *words))

    def execvp(self, file: str, words: list[str]) -> None:
        self.calls.append(("execvp", file, words))


def test_the_leash_is_tied_before_the_command_runs() -> None:
    system = System(parent=7)
    leash.main(["7", "15", "", "sleep", "1"], system=system, libc=system)
    assert system.calls == [("prctl", 1, 15, 0, 0, 0), ("execvp", "sleep", ["sleep", "1"])]


def test_it_is_tied_after_the_change_of_user_which_would_untie_it() -> None:
    system = System(parent=7)
    me = pwd.getpwuid(os.getuid())
    leash.main(["7", "2", me.pw_name, "sleep"], system=system, libc=system)
    assert [call[0] for call in system.calls] == [
        "setgroups",
        "setgid",
        "setuid",
        "prctl",
        "execvp",
    ]
    assert system.calls[2] == ("setuid", me.pw_uid)


def test_a_system_without_such_a_thing_merely_runs_the_command() -> None:
    system = System(parent=7)
    leash.main(["7", "15", "", "sleep"], system=system, libc=object())
    assert [call[0] for call in system.calls] == ["execvp"]


def test_nothing_runs_for_a_parent_that_is_gone_already() -> None:
    system = System(parent=1)
    with pytest.raises(SystemExit):
        leash.main(["7", "15", "", "sleep"], system=system, libc=system)
    assert system.calls[-1][0] == "prctl"


HOLDER = """
import subprocess, sys, time
from bridge.local import leash
words = leash.command([sys.executable, "-c", sys.argv[2]], number=15)
process = subprocess.Popen(words, start_new_session=True)
time.sleep(60)
"""
HELD = """
import os, pathlib, time
pathlib.Path({path!r}).write_text(str(os.getpid()))
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_what_is_on_the_leash_dies_with_a_killed_parent(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    held = HELD.format(path=str(path))
    with subprocess.Popen([sys.executable, "-c", HOLDER, "", held], cwd=ROOT) as holder:
        wait_until(lambda: path.exists() and path.read_text() != "", "it is on the leash")
        holder.send_signal(signal.SIGKILL)
    number = int(path.read_text())
    wait_until(lambda: not _lives(number), "what was on the leash has ended")


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
