"""What a case's process gives up before it runs a script.

This is the first layer: its own session, resource limits, no way to gain rights, death with its
parent. Further layers (another user, Landlock, seccomp, namespaces) belong here, each applied where
the machine offers it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal

from worker.order import Order

#: prctl(2); the numbers are part of Linux's stable interface.
_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVS = 38

#: The largest file a case may write: enough for what a check downloads.
_FILE_BYTES = 64 * 1024**2
#: How many descriptors a case may have open.
_OPEN_FILES = 256


def enter(order: Order) -> None:
    """Give up what a script does not need, in this process and for good."""
    os.setsid()
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    _prctl(_SET_NO_NEW_PRIVS, 1)
    # One second between asking (SIGXCPU, which tells why) and killing.
    _limit(resource.RLIMIT_CPU, order.cpu_seconds, order.cpu_seconds + 1)
    _limit(resource.RLIMIT_AS, order.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent ends, so that none is lost.

    Says whether the machine offers it (Linux does).
    """
    return _prctl(_SET_CHILD_SUBREAPER, 1)


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit, never above the hard limit that is in force already."""
    wanted = soft if hard is None else hard
    _, present = resource.getrlimit(kind)
    bound = wanted if present == resource.RLIM_INFINITY else min(wanted, present)
    resource.setrlimit(kind, (min(soft, bound), bound))


def _prctl(option: int, value: int) -> bool:
    """Call prctl(2) where the C library has it; says whether it worked."""
    function = getattr(ctypes.CDLL(None), "prctl", None)
    return function is not None and function(option, value, 0, 0, 0) == 0
