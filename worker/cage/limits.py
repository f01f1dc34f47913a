"""What a case may use of the machine (setrlimit(2))."""

from __future__ import annotations

import resource
from pathlib import Path

#: The largest file a case may write: enough for what a check downloads.
FILE_BYTES = 64 * 1024**2
#: How many descriptors a case may have open.
_OPEN_FILES = 256
#: Threads (and, where nothing else forbids them, processes) of one case.
_THREADS = 128


def apply(cpu_seconds: int, memory_bytes: int) -> None:
    """Lower this process's limits, for good."""
    # One second between asking (SIGXCPU, which tells why) and killing.
    _lower(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1)
    _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_FSIZE, FILE_BYTES)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_CORE, 0)


def limit_threads(others: int) -> None:
    """Lower the number of threads; the kernel counts all that the user has: `others` are not ours.

    A process with root's rights is not held by it.
    """
    _lower(resource.RLIMIT_NPROC, others + _THREADS)


def threads_of(user: int, processes: Path = Path("/proc")) -> int:
    """How many threads a user has (proc(5)); 0 where the system does not tell."""
    return sum(_threads(file, user) for file in processes.glob("[0-9]*/status"))


def _threads(status: Path, user: int) -> int:
    """Threads of a process if it is the user's; it may end while it is looked at."""
    try:
        lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
    except OSError:
        return 0
    return int(lines["Threads"]) if int(lines["Uid"].split()[0]) == user else 0


def _lower(kind: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit, never above the hard limit that is in force already."""
    wanted = soft if hard is None else hard
    _, present = resource.getrlimit(kind)
    bound = wanted if present == resource.RLIM_INFINITY else min(wanted, present)
    resource.setrlimit(kind, (min(soft, bound), bound))
