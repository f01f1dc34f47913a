"""The layers of the cage, and what each helps to promise."""

from __future__ import annotations

import enum
from collections.abc import Mapping


class Layer(enum.StrEnum):
    """One means of the operating system; the value is its name for readers."""

    DEATH = "death with parent"
    LIMITS = "limits"
    CAPPED_FOLDER = "capped folder"
    CLOSED_MEMORY = "closed memory"
    NO_NEW_RIGHTS = "no new rights"
    OWN_USER = "own user"
    MOUNTS = "mount namespace"
    PROCESSES = "PID namespace"
    NETWORK = "network namespace"
    LANDLOCK_FILES = "Landlock files"
    LANDLOCK_PORTS = "Landlock ports"
    LANDLOCK_SCOPES = "Landlock scopes"
    CALLS = "seccomp"


class Promise(enum.StrEnum):
    """What a script is kept from; the value finishes the sentence "A script …"."""

    FILES = "reads and writes no file but its own"
    NETWORK = "reaches nothing but the tested API"
    PROCESSES = "touches no other process"
    RIGHTS = "gains no rights"


#: What each layer does, for readers.
WHAT: Mapping[Layer, str] = {
    Layer.DEATH: "no case outlives the process that started it",
    Layer.LIMITS: "CPU time, memory, file size, open files, threads",
    Layer.CAPPED_FOLDER: "the private folder cannot fill the disk",
    Layer.CLOSED_MEMORY: "the runner's memory and environment are closed to its own user",
    Layer.NO_NEW_RIGHTS: "setuid programs give no rights (no_new_privs)",
    Layer.OWN_USER: "a user id that nothing else has",
    Layer.MOUNTS: "sees only the interpreter, the libraries and its own folder",
    Layer.PROCESSES: "sees no process outside",
    Layer.NETWORK: "has no network at all",
    Layer.LANDLOCK_FILES: "may open only the interpreter, the libraries and its own folder",
    Layer.LANDLOCK_PORTS: "may use no TCP port",
    Layer.LANDLOCK_SCOPES: "may signal nobody and reach no abstract socket",
    Layer.CALLS: "a list of allowed system calls: no sockets, no programs, no tracing",
}

#: Which layers keep a promise, each on its own. Landlock's ports are none: the kernel lets other
#: protocols through (MPTCP, UDP). One's own user is not among those of FILES: much is readable for
#: everybody.
KEEPERS: Mapping[Promise, frozenset[Layer]] = {
    Promise.FILES: frozenset({Layer.MOUNTS, Layer.LANDLOCK_FILES}),
    Promise.NETWORK: frozenset({Layer.NETWORK, Layer.CALLS}),
    Promise.PROCESSES: frozenset(
        {Layer.OWN_USER, Layer.PROCESSES, Layer.LANDLOCK_SCOPES, Layer.CALLS}
    ),
    Promise.RIGHTS: frozenset({Layer.NO_NEW_RIGHTS, Layer.CALLS}),
}

ALL = frozenset(Layer)
