"""`python -m tests.behaviour.sandbox.profiles PROFILE FOLDER`: the stage, as a certain user.

root: whoever runs the tests, which is root. user: an ordinary user. pod: what a restricted pod of
Kubernetes has: a user without capabilities that can gain none, the calls of RuntimeDefault, and
nothing that can be written to but FOLDER. What takes root's rights is left out without them: then
the tests run as an ordinary user anyway.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

from seccompy import Action, ArgCmp, CmpOp, Filter

from tests.behaviour.sandbox import stage
from tests.shared_material import ROOT as PROJECT
from worker.cage import system

_USERS = {"user": 54321, "pod": 10001}
_SET_BOUNDING_SET = 24
_READ_ONLY = 1
_AT_FDCWD = -100
_RECURSIVE = 0x8000

#: What RuntimeDefault refuses to a container without capabilities
#: (https://docs.docker.com/engine/security/seccomp/).
_REFUSED = """
    acct add_key bpf clock_settime delete_module finit_module init_module io_uring_setup
    io_uring_enter io_uring_register ioperm iopl kcmp kexec_file_load kexec_load keyctl mount
    move_mount fsopen fsmount fsconfig fspick open_tree mount_setattr name_to_handle_at
    open_by_handle_at perf_event_open pivot_root quotactl reboot request_key setns settimeofday
    swapon swapoff syslog umount2 unshare userfaultfd chroot
"""
#: clone(2) with one of the flags of namespaces.
_NAMESPACES = 0x7E020000


def become(profile: str, folder: Path) -> None:
    """Take on the profile's rights, for good."""
    is_root = os.geteuid() == 0
    if is_root and profile in _USERS:
        system.unshare(system.NEW_MOUNTS)
        system.mount("none", "/", None, system.RECURSIVE | system.PRIVATE)
        _open_ways(Path(sys.base_prefix))
        if profile == "pod":
            _make_read_only_but(folder)
        _change_user(_USERS[profile])
    if profile == "pod":
        system.gain_no_rights()
        system.filter_calls(_runtime_default().program)


def _open_ways(prefix: Path) -> None:
    """Let every user come to the interpreter, which may lie in somebody's home."""
    closed = [each for each in reversed(prefix.parents) if not each.stat().st_mode & 0o001]
    if not closed:
        return
    aside = Path("/mnt")
    system.mount(str(prefix), str(aside), None, system.BIND | system.RECURSIVE)
    system.mount("tmpfs", str(closed[0]), "tmpfs", 0, "mode=755")
    prefix.mkdir(parents=True)
    system.mount(str(aside), str(prefix), None, system.BIND | system.RECURSIVE)


def _make_read_only_but(folder: Path) -> None:
    system.mount(str(folder), str(folder), None, system.BIND)
    _change_mounts(Path("/"), _RECURSIVE, (_READ_ONLY, 0))
    _change_mounts(folder, 0, (0, _READ_ONLY))


def _change_mounts(place: Path, flags: int, change: tuple[int, int]) -> None:
    """Set and clear attributes (mount_setattr(2)); devices go on working."""
    attributes = (ctypes.c_uint64 * 4)(*change)
    system.call(442, _AT_FDCWD, os.fsencode(place), flags, attributes, 32)


def _change_user(user: int) -> None:
    for capability in range(64):
        try:
            system._call("prctl", _SET_BOUNDING_SET, capability, 0, 0, 0)
        except OSError:
            break
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _runtime_default() -> Filter:
    calls = Filter(Action.ALLOW)
    for name in _REFUSED.split():
        calls.errno(name, errno.EPERM)
    # Its flags cannot be looked at; libraries fall back to clone.
    calls.errno("clone3", errno.ENOSYS)
    for bit in (1 << number for number in range(32)):
        if bit & _NAMESPACES:
            calls.errno("clone", errno.EPERM, args=[ArgCmp(0, CmpOp.MASKED_EQ, bit, bit)])
    calls.allow("clone")
    return calls


if __name__ == "__main__":
    _profile, _folder = sys.argv[1:]
    become(_profile, Path(_folder))
    # A new program, so that the process belongs to its new user in every respect.
    os.chdir(PROJECT)
    os.execv(sys.executable, [sys.executable, "-m", stage.__name__, _folder])  # noqa: S606 - ourselves
