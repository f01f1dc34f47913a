"""Calls to the kernel for which neither Python nor a library of ours has a function.

Numbers are those of Linux's stable interface. Each raises OSError where the kernel refuses, also
on a system that has no such call.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache

#: unshare(2).
NEW_MOUNTS = 0x00020000
NEW_UTS = 0x04000000
NEW_IPC = 0x08000000
NEW_USER = 0x10000000
NEW_PIDS = 0x20000000
NEW_NETWORK = 0x40000000

#: mount(2).
NO_SETUID = 2
NO_DEVICES = 4
BIND = 4096
RECURSIVE = 16384
PRIVATE = 1 << 18
DETACH = 2

_SET_PARENT_DEATH_SIGNAL = 1
_SET_DUMPABLE = 4
_SET_CHILD_SUBREAPER = 36
_SET_NO_NEW_PRIVS = 38
_SET_SECCOMP = 22
_FILTER = 2
#: Of one instruction of a filter.
_INSTRUCTION_BYTES = 8

#: mount_setattr(2): its number is the same on every architecture.
_MOUNT_SETATTR = 442
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_READ_ONLY = 1

#: capset(2), version 3 of its header: two words for each of the three sets.
_CAPABILITY_VERSION = 0x20080522


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, f"{name} exists on Linux only")
    result: int = getattr(_library(), name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def call(number: int, *arguments: object) -> int:
    """Make a system call by its number (syscall(2)) and give its result."""
    return _call("syscall", number, *arguments)


def die_with_parent(number: int) -> None:
    """Have this signal sent to this process when its parent ends."""
    _call("prctl", _SET_PARENT_DEATH_SIGNAL, number, 0, 0, 0)


def close_memory() -> None:
    """Keep processes of the same user from reading this one's memory, environment and files."""
    _call("prctl", _SET_DUMPABLE, 0, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _call("prctl", _SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def gain_no_rights() -> None:
    """Let no program that is started give this process more rights than it has."""
    _call("prctl", _SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def unshare(flags: int) -> None:
    """Move to namespaces of one's own."""
    _call("unshare", flags)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount; `kind` is the file system, None where a flag says what is meant."""
    name = kind.encode() if kind else None
    _call("mount", source.encode(), os.fsencode(target), name, flags, options.encode() or None)


def unmount(target: str) -> None:
    """Take off a mount and those below it, at once from sight, in fact when nobody uses them."""
    _call("umount2", os.fsencode(target), DETACH)


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def seal_mount(target: str, *, recursive: bool = True) -> None:
    """Make a mount read-only, without devices and setuid; `recursive` takes those below it too."""
    wanted = _MountAttributes(set=_READ_ONLY | NO_SETUID | NO_DEVICES)
    flags = _AT_RECURSIVE if recursive else 0
    size = ctypes.sizeof(wanted)
    path = os.fsencode(target)
    call(_MOUNT_SETATTR, _AT_FDCWD, path, flags, ctypes.byref(wanted), size)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_calls(program: bytes) -> None:
    """Have every system call judged by this program from now on (seccomp(2))."""
    given = _Program(len(program) // _INSTRUCTION_BYTES, program)
    _call("prctl", _SET_SECCOMP, _FILTER, ctypes.byref(given), 0, 0)


def drop_capabilities() -> None:
    """Give up every capability, for good."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))
