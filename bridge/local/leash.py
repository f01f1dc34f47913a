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
from collections.abc import Callable, Sequence
from typing import Any

_PR_SET_PDEATHSIG = 1


def command(words: Sequence[str], *, number: int, user: str = "") -> tuple[str, ...]:
    """The words that run `words` on the leash of this process."""
    parent = str(os.getpid())
    return (sys.executable, "-m", "bridge.local.leash", parent, str(number), user, *words)


def main(
    words: Sequence[str],
    *,
    libc: Any = None,  # noqa: ANN401 - a C library
    become: Callable[[str], None] | None = None,
    execute: Callable[[str, list[str]], object] = os.execvp,
) -> None:
    """Tie the leash, then become the command."""
    parent, number, user, *rest = words
    if user:
        (become or _become)(user)
    # After the change of user, since that unties the leash.
    _tie(libc or ctypes.CDLL(None), int(number))
    if os.getppid() != int(parent):
        sys.exit("The process that started this one is gone.")
    execute(rest[0], rest)


def _tie(libc: Any, number: int) -> None:  # noqa: ANN401 - a C library
    prctl = getattr(libc, "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


def _become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    main(sys.argv[1:])
