"""Landlock: which files a process may open, that it has no TCP port, and that it signals nobody.

Rules last for a process and all that it starts (https://docs.kernel.org/userspace-api/landlock.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import landlockpy
from landlockpy import AccessFS, AccessNet, Ruleset, Scope

_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
_DEVICE = AccessFS.READ_FILE | AccessFS.WRITE_FILE
#: Everything but programs, devices, and sockets and pipes with a name.
_OWN = (
    _READ
    | AccessFS.WRITE_FILE
    | AccessFS.TRUNCATE
    | AccessFS.REFER
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_DIR
    | AccessFS.MAKE_SYM
    | AccessFS.REMOVE_FILE
    | AccessFS.REMOVE_DIR
)

#: The first version of the kernel's interface that knows ports, and scopes.
PORTS_SINCE, SCOPES_SINCE = 4, 6


def version() -> int:
    """The version of the kernel's interface; 0 where Landlock is not there or not switched on."""
    return landlockpy.abi_version()


def restrict(
    readable: Sequence[str],
    writable: Sequence[str],
    devices: Sequence[str],
    *,
    ports: bool = True,
    scopes: bool = True,
) -> None:
    """Leave this process these files and nothing else. Raises OSError.

    `ports` and `scopes` are only asked for where the kernel knows them.
    """
    net = AccessNet.BIND_TCP | AccessNet.CONNECT_TCP if ports else AccessNet.NONE
    scoped = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL if scopes else Scope.NONE
    with Ruleset(handled_net=net, scoped=scoped) as rules:
        for path in readable:
            rules.allow_path(path, _READ if Path(path).is_dir() else AccessFS.READ_FILE)
        for path in writable:
            rules.allow_path(path, _OWN)
        for path in devices:
            rules.allow_path(path, _DEVICE)
        rules.restrict()
