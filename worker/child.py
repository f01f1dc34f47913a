"""The life of a case's process: from the fork to its exit. Never returns."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys

import pytest

from worker import cage
from worker.order import Descriptors, Order
from worker.reporter import Reporter

#: Where the channel to the engine lies, and behind it the dial; everything above them is closed.
_CHANNEL = 3

#: What a case has no use for: caches and reports belong to the engine, debuggers to a terminal.
_UNNEEDED = (
    *("cacheprovider", "stepwise", "junitxml", "pastebin", "doctest", "debugging", "setuponly"),
    *("setupplan", "faulthandler", "terminal", "legacypath", "warnings"),
    *("unraisableexception", "threadexception"),
)


def live(order: Order, given: Descriptors) -> None:
    """Run the order's module and end the process with pytest's exit status."""
    status = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        _settle(order, given)
        cage.enter(order)
        status = _run(order)
    finally:
        # Not sys.exit: nothing of the parent's own ending may run here.
        os._exit(status)


def _settle(order: Order, given: Descriptors) -> None:
    """Keep nothing of the parent but the four descriptors, and nothing of its environment."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    # Copies first, above: a descriptor that was given may be one of the numbers that are wanted.
    numbers = (null, given.output, given.output, given.channel, given.dial)
    copies = [fcntl.fcntl(number, fcntl.F_DUPFD, len(numbers)) for number in numbers]
    for wanted, copy in enumerate(copies):
        os.dup2(copy, wanted, inheritable=wanted < _CHANNEL)
    os.closerange(len(numbers), os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.directory)


def _run(order: Order) -> int:
    reporter = Reporter(socket.socket(fileno=_CHANNEL))
    status = int(pytest.main(_arguments(order), plugins=[reporter]))
    reporter.end(status)
    sys.stdout.flush()
    return status


def _arguments(order: Order) -> list[str]:
    """Only this module: no configuration, no conftest.py and no plugin from anywhere else."""
    off = [f"-pno:{name}" for name in _UNNEEDED]
    on = [f"-p{name}" for name in order.plugins]
    place = ["-c", os.devnull, "--rootdir", order.directory, "--noconftest"]
    return [*off, *on, *place, "--capture=no", order.module]
