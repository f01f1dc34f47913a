"""Landlock: which files a process may open, that it has no TCP port, and that it signals nobody.

Rules last for a process and all that it starts. The numbers are those of linux/landlock.h
(https://docs.kernel.org/userspace-api/landlock.html). Written by hand, since every case pays for
it: with the library there is, its rules take a freshly forked process five times as long.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from worker.cage import system

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_FOR_VERSION = 1
_BENEATH = 1

#: The first version of the kernel's interface that knows ports, and scopes.
PORTS_SINCE, SCOPES_SINCE = 4, 6

#: Bits of all rights to files that a version knows: version 1 has 13, later ones added one each.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_LATEST_RIGHTS = 16
_WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 1, 1 << 2, 1 << 3
#: Remove folders and files; make folders, files and links; move between folders; truncate.
_CHANGE = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12 | 1 << 13 | 1 << 14
#: To bind and to connect TCP ports: all there is to handle, and nothing is allowed.
_PORTS = 3
#: Abstract sockets and signals, outside of what is restricted together.
_SCOPES = 3


def version() -> int:
    """The version of the kernel's interface; 0 where Landlock is not there or not switched on."""
    try:
        return system.call(_CREATE, None, 0, _ASK_FOR_VERSION)
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed; everything else is not."""

    readable: Sequence[str]
    devices: Sequence[str]
    #: Of the kernel's interface.
    version: int
    ports: bool = True
    scopes: bool = True

    def restrict(self, writable: Sequence[str]) -> None:
        """Leave this process these files, and the folders in which it may do as it likes.

        It must have given up to gain rights. Raises OSError.
        """
        handled = (1 << _RIGHTS.get(self.version, _LATEST_RIGHTS)) - 1
        rules = self._create(handled)
        try:
            for path in self.readable:
                _allow(rules, path, _READ_FILE | _READ_FOLDER)
            for path in self.devices:
                _allow(rules, path, _READ_FILE | _WRITE_FILE)
            for path in writable:
                rights = _READ_FILE | _READ_FOLDER | _WRITE_FILE | _CHANGE
                _allow(rules, path, rights & handled)
            system.call(_RESTRICT, rules, 0)
        finally:
            os.close(rules)

    def _create(self, handled: int) -> int:
        fields = (handled, _PORTS if self.ports else 0, _SCOPES if self.scopes else 0)
        # Older kernels know fewer fields and take longer structures if the rest is zero.
        wanted = struct.pack("=QQQ", *fields)
        return system.call(_CREATE, ctypes.c_char_p(wanted), len(wanted), 0)


def _allow(rules: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= ~_READ_FOLDER
        rule = struct.pack("=Qi", rights, place)
        system.call(_ADD_RULE, rules, _BENEATH, ctypes.c_char_p(rule), 0)
    finally:
        os.close(place)
