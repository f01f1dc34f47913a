"""What a case's process does between its fork and its run: it keeps nothing of its parent."""

from __future__ import annotations

import faulthandler
import fcntl
import io
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable
from typing import cast

import pytest

from worker.cage.cell import Cell, Place
from worker.order import DIAL, Call, Descriptors
from worker.reporter import Reporter

#: Standard input is /dev/null.
_NOTHING = 0
#: Where the channel to the engine lies, and behind it the dial; everything above them is closed.
_CHANNEL = 3


def settle(call: Call, cage: Cell, reporter: Reporter, opened: Iterable[int]) -> None:
    """Become the process of a case: its place, its limits, its line to the engine.

    `opened` are descriptors that the parent's libraries believe to have.
    """
    _forget_signals()
    _keep(call.given)
    _fill(opened)
    order = call.order
    os.environ.clear()
    os.environ.update(order.environment)
    # pytest sets it when it starts, which may have been in the parent.
    os.environ["PYTEST_VERSION"] = pytest.__version__
    # The parent may have looked for it in its own environment.
    tempfile.tempdir = None
    os.chdir(order.directory)
    cage.enter(Place(order.directory, order.cpu_seconds, order.memory_bytes))
    reporter.connect(socket.socket(fileno=_CHANNEL), order.check_seconds)
    # A case that is ended from outside has said what it printed, and says where it was.
    cast("io.TextIOWrapper", sys.stdout).reconfigure(line_buffering=True)
    faulthandler.register(signal.SIGTERM, all_threads=False, chain=True)


def _forget_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _keep(given: Descriptors) -> None:
    """Keep the descriptors that were given, as 0 to 4, and no other."""
    null = os.open(os.devnull, os.O_RDWR)
    # Copies first, above: a descriptor that was given may be one of the numbers that are wanted.
    numbers = (null, given.output, given.output, given.channel, given.dial)
    copies = [fcntl.fcntl(number, fcntl.F_DUPFD, len(numbers)) for number in numbers]
    for wanted, copy in enumerate(copies):
        os.dup2(copy, wanted, inheritable=wanted < _CHANNEL)
    os.closerange(len(numbers), os.sysconf("SC_OPEN_MAX"))


def _fill(numbers: Iterable[int]) -> None:
    """Let descriptors that were closed lead nowhere, so that nothing else is taken for them."""
    for number in numbers:
        if number > DIAL:
            os.dup2(_NOTHING, number, inheritable=False)


def say_goodbye(reporter: Reporter, status: int) -> None:
    """Tell the engine that pytest is done."""
    reporter.end(status)
    sys.stdout.flush()
