"""Namespaces of the warm parent, in which all of its cases live (namespaces(7)).

One set for all cases costs a case nothing. Root needs no user namespace; another user gets one in
which only the own id exists. The parent itself stays visible and stays where it is: what is
unshared for process ids concerns its children, and the view only those that move into it.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from worker.cage import system
from worker.cage.layers import Layer

_FLAGS = {
    Layer.MOUNTS: system.NEW_MOUNTS | system.NEW_IPC | system.NEW_UTS,
    Layer.PROCESSES: system.NEW_PIDS,
    Layer.NETWORK: system.NEW_NETWORK,
}


def separate(layers: frozenset[Layer]) -> None:
    """Move this process, which has one thread, and its future children. Raises OSError."""
    flags = sum(flag for layer, flag in _FLAGS.items() if layer in layers)
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        system.unshare(flags)
        return
    system.unshare(flags | system.NEW_USER)
    me = Path("/proc/self")
    (me / "setgroups").write_text("deny")
    (me / "uid_map").write_text(f"{user} {user} 1")
    (me / "gid_map").write_text(f"{group} {group} 1")


@dataclass(frozen=True, slots=True)
class Keeper:
    """The first process of a PID namespace: the namespace lives as long, and orphans are its."""

    pid: int
    _leash: int

    def release(self) -> None:
        """Let it end, and wait for that; everything in the namespace ends with it.

        The kernel lets it end after all others were waited for, which are this process's children.
        """
        os.close(self._leash)
        ended = 0
        while ended != self.pid:
            ended, _ = os.waitpid(-1, 0)

    def orphans(self) -> set[int]:
        """Processes whose own parent has ended; their numbers are those inside (proc(5))."""
        listing = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return {int(pid) for pid in listing.read_text().split()} if listing.exists() else set()


def keep() -> Keeper:
    """Start the keeper: the first child after `separate`."""
    held, leash = os.pipe()
    pid = os.fork()
    if pid == 0:
        _wait(held)
    os.close(held)
    return Keeper(pid, leash)


def _wait(held: int) -> None:
    """Be the keeper until the parent lets go or is gone. Never returns."""
    try:
        system.die_with_parent(signal.SIGKILL)
        # Who ignores the end of its children has no dead ones to bury (wait(2)).
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        os.dup2(held, 0)
        os.closerange(1, os.sysconf("SC_OPEN_MAX"))
        os.read(0, 1)
    finally:
        os._exit(0)
