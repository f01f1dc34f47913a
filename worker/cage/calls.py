"""seccomp: the system calls that a script may make.

A list of what is allowed, since kernels get new calls every year: one that is on no list does not
exist for the script (ENOSYS, on which libraries fall back to older calls). Those that a script
might wish for are refused with EPERM, which Python tells as PermissionError.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from dataclasses import dataclass

from seccompy import Action, ArgCmp, CmpOp, Filter, UnsupportedError, audit_arch, syscall_nr
from seccompy import supported as kernel_supports

from worker.cage import system

_FILES = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 close close_range
    stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat lseek
    getdents getdents64 getcwd chdir fchdir rename renameat renameat2 mkdir mkdirat rmdir unlink
    unlinkat link linkat symlink symlinkat umask dup dup2 dup3 flock fsync fdatasync
    sync_file_range ftruncate fallocate fadvise64 readahead sendfile copy_file_range statfs fstatfs
    pipe pipe2 creat getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
"""
_MEMORY = "mmap munmap mprotect mremap msync mincore madvise brk"
_TIME_AND_SIGNALS = """
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending rt_sigtimedwait
    sigaltstack pause alarm getitimer setitimer nanosleep clock_nanosleep clock_gettime
    clock_getres gettimeofday time times getcpu timer_create timer_settime timer_gettime
    timer_getoverrun timer_delete restart_syscall
"""
_WAITING = """
    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4
    futex futex_waitv wait4 waitid
"""
_ITSELF = """
    getpid getppid gettid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid
    getgroups uname sysinfo getrusage getrlimit sched_yield sched_getaffinity sched_getparam
    sched_getscheduler sched_get_priority_max sched_get_priority_min getpriority set_robust_list
    set_tid_address rseq membarrier arch_prctl exit exit_group getrandom
"""
#: Of connections that the process was given; it can make none.
_CONNECTIONS = """
    recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockopt setsockopt getsockname
    getpeername
"""
_CALLS = (_FILES, _MEMORY, _TIME_AND_SIGNALS, _WAITING, _ITSELF, _CONNECTIONS)
ALLOWED = tuple(name for names in _CALLS for name in names.split())

#: What a script might try. Landlock does not know modes, owners and times of files, hence those.
_REFUSED = """
    socket connect bind listen accept accept4 fork vfork execve execveat ptrace process_vm_readv
    process_vm_writev process_madvise process_mrelease pidfd_open pidfd_getfd pidfd_send_signal
    kcmp tkill rt_sigqueueinfo rt_tgsigqueueinfo setpgid setsid setpriority sched_setaffinity
    sched_setscheduler sched_setparam sched_setattr ioprio_set migrate_pages move_pages
    setrlimit get_robust_list chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime
    utimes utimensat futimesat setxattr lsetxattr fsetxattr removexattr lremovexattr
    fremovexattr truncate mknod mknodat memfd_create memfd_secret shmget shmat shmctl msgget
    msgsnd msgrcv semget semop mq_open mq_unlink inotify_init inotify_init1 inotify_add_watch
    fanotify_init fanotify_mark unshare setns chroot pivot_root mount umount2 mount_setattr
    open_tree move_mount fsopen fsconfig fsmount fspick name_to_handle_at open_by_handle_at
    swapon swapoff quotactl acct setuid setgid setreuid setregid setresuid setresgid setgroups
    setfsuid setfsgid capset sethostname setdomainname settimeofday clock_settime clock_adjtime
    adjtimex personality bpf perf_event_open userfaultfd io_uring_setup io_uring_enter
    io_uring_register keyctl add_key request_key kexec_load kexec_file_load init_module
    finit_module delete_module reboot syslog iopl ioperm modify_ldt vhangup
"""
REFUSED = tuple(_REFUSED.split())

#: clone(2): threads share everything; without this flag it makes a process.
_THREAD = 0x00010000
#: Types of sockets carry flags above these bits.
_SOCKET_TYPE = 0xF
#: prctl(2): to outlive the parent, and to be open to other processes again.
_FORBIDDEN_CONTROL = (1, 4)
#: fcntl(2): whom signals of a descriptor go to, and which.
_FORBIDDEN_DESCRIPTOR_CONTROL = (fcntl.F_SETOWN, 10, 15)
#: ioctl(2): the same by other names; typing into a terminal, and the console's menu for it.
_FORBIDDEN_DEVICE_CONTROL = (0x8901, 0x8902, 0x5412, 0x541C)
_INT = 0xFFFFFFFF
#: Stands in a compiled program for the number of the process that loads it. No process has such a
#: number, no call and no flag either.
_ANY_PROCESS = 0x7A57C0DE


def unavailable() -> str:
    """Why there can be no filter; empty where there can."""
    try:
        audit_arch()
    except UnsupportedError as error:
        return str(error)
    return "" if kernel_supports() else "the kernel has no seccomp filters"


@dataclass(frozen=True, slots=True)
class Program:
    """What every case may call, compiled once for all of them: it takes milliseconds."""

    _text: bytes

    def load(self, pid: int) -> None:
        """Hold this process, whose number is given, to it for good. Raises OSError."""
        system.filter_calls(self._text.replace(_word(_ANY_PROCESS), _word(pid)))


def compiled() -> Program:
    """The program for this machine."""
    calls = Filter(Action.ERRNO | errno.ENOSYS)
    for name in _existing(ALLOWED):
        calls.allow(name)
    _conditions(calls)
    for name in _existing(REFUSED):
        calls.errno(name, errno.EPERM)
    return Program(calls.program)


def _conditions(calls: Filter) -> None:
    """Calls that depend on their arguments: the first rule that fits counts."""
    truncating = os.O_TRUNC | os.O_ACCMODE
    for name, flags in (("open", 1), ("openat", 2)):
        # Old Landlock does not see that a file is truncated which is opened for reading.
        _only_unless(calls, name, ArgCmp(flags, CmpOp.MASKED_EQ, os.O_TRUNC, truncating))
    calls.allow("clone", args=[ArgCmp(0, CmpOp.MASKED_EQ, _THREAD, _THREAD)])
    calls.errno("clone", errno.EPERM)
    stream = ArgCmp(1, CmpOp.MASKED_EQ, socket.SOCK_STREAM, _SOCKET_TYPE)
    # Of a pair only: datagrams of a pair may be sent to any address.
    calls.allow("socketpair", args=[ArgCmp(0, CmpOp.EQ, socket.AF_UNIX), stream])
    calls.errno("socketpair", errno.EPERM)
    calls.allow("sendto", args={4: 0})
    calls.errno("sendto", errno.EPERM)
    calls.allow("prlimit64", args=[ArgCmp(0, CmpOp.MASKED_EQ, 0, _INT)])
    calls.errno("prlimit64", errno.EPERM)
    for number in _FORBIDDEN_CONTROL:
        _only_unless(calls, "prctl", ArgCmp(0, CmpOp.MASKED_EQ, number, _INT))
    for number in _FORBIDDEN_DESCRIPTOR_CONTROL:
        calls.errno("fcntl", errno.EPERM, args=[ArgCmp(1, CmpOp.MASKED_EQ, number, _INT)])
    for number in _FORBIDDEN_DEVICE_CONTROL:
        calls.errno("ioctl", errno.EPERM, args=[ArgCmp(1, CmpOp.MASKED_EQ, number, _INT)])
    for name in ("kill", "tgkill"):
        # Signals are for the process itself.
        calls.allow(name, args=[ArgCmp(0, CmpOp.MASKED_EQ, _ANY_PROCESS, _INT)])
        calls.errno(name, errno.EPERM)
    for name in ("open", "openat", "prctl", "fcntl", "ioctl"):
        if name in _existing((name,)):
            calls.allow(name)


def _only_unless(calls: Filter, name: str, condition: ArgCmp) -> None:
    if _existing((name,)):
        calls.errno(name, errno.EPERM, args=[condition])


def _word(number: int) -> bytes:
    """A number as it stands in an instruction: seccompy writes for little-endian machines only."""
    return struct.pack("<I", number)


def _existing(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those that this architecture has: younger ones lack calls that others replaced."""
    return tuple(name for name in names if _number(name) is not None)


def _number(name: str) -> int | None:
    try:
        return syscall_nr(name)
    except ValueError:
        return None
