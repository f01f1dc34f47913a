"""Runs a command that must not outlive the process that started it.

    python -m bridge.local.leash PARENT SIGNAL USER COMMAND…

asks the kernel to send SIGNAL once the process PARENT is gone, becomes USER (empty: stays who it
is), and then the command takes its place. See prctl(2), PR_SET_PDEATHSIG; where a system has no
such thing the command is merely run.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from collections.abc import Sequence
from typing import Any

_PR_SET_PDEATHSIG = 1


def command(words: Sequence[str], *, number: int, user: str = "") -> tuple[str, ...]:
    """The words that run `words` on the leash of this process."""
    parent = str(os.getpid())
    return (sys.executable, "-m", "bridge.local.leash", parent, str(number), user, *words)


def main(words: Sequence[str], *, system: Any = os, libc: Any = None) -> None:  # noqa: ANN401 - modules
    """Tie the leash, then become the command; `system` and `libc` are what it acts through."""
    parent, number, user, *rest = words
    if user:
        _become(user, system)
    # After the change of user, since that unties the leash.
    _tie(libc or ctypes.CDLL(None), int(number))
    if system.getppid() != int(parent):
        sys.exit("The process that started this one is gone.")
    system.execvp(rest[0], rest)


def _tie(libc: Any, number: int) -> None:  # noqa: ANN401 - a C library
    prctl = getattr(libc, "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def _become(user: str, system: Any) -> None:  # noqa: ANN401 - a module
    entry = pwd.getpwnam(user)
    system.setgroups([])
    system.setgid(entry.pw_gid)
    system.setuid(entry.pw_uid)


if __name__ == "__main__":
    main(sys.argv[1:])
