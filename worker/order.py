"""What the engine asks of the warm parent: run one case, in this place, within these bounds.

An order travels over a Unix stream socket as JSON with its length before it; four descriptors
travel with the length: the line between engine and parent for this one case, the channel for the
frames, the pipe that takes what the case prints, and the dial that gives connections to the
gateway. It holds nothing secret: the case's process is a copy of the process that reads it. A
length of zero says that no order will follow.
"""

from __future__ import annotations

import enum
import json
import signal
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields

_LENGTH = struct.Struct("!I")
#: The number of the dial's descriptor in the case's process.
DIAL = 4
#: What the parent writes to a line: first the process id, at the end the wait status.
WORD = struct.Struct("!i")
#: The signal that interrupts a check. It is for the case's process alone; others are for all that
#: the case has started.
INTERRUPT = signal.SIGALRM


@dataclass(frozen=True, slots=True)
class Order:
    """One case to run."""

    #: Where the module lies, and where its process works.
    directory: str
    #: File name of the module.
    module: str
    #: The whole environment of the process.
    environment: Mapping[str, str]
    check_seconds: float
    cpu_seconds: int
    memory_bytes: int
    #: The checks that are to run; none for all of the module.
    checks: Sequence[str] = ()
    #: Whether the module generates inputs, for which a parent has to have warmed up further.
    generates: bool = False

    @property
    def targets(self) -> list[str]:
        """What pytest is asked to run."""
        return [f"{self.module}::{check}" for check in self.checks] or [self.module]


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The ends that the parent gets with an order; whoever holds them closes them."""

    line: int
    channel: int
    output: int
    dial: int


@dataclass(frozen=True, slots=True)
class Call:
    """An order with what was given to carry it out."""

    order: Order
    given: Descriptors


class Farewell(enum.Enum):
    """Why no further order comes."""

    #: The engine has ended.
    GONE = enum.auto()
    #: Another parent takes over; what runs may end.
    RETIRED = enum.auto()


def send(control: socket.socket, order: Order, given: Descriptors) -> None:
    """Hand over an order. Raises OSError where the other side is gone."""
    body = json.dumps(asdict(order)).encode()
    length = _LENGTH.pack(len(body))
    socket.send_fds(control, [length], list(astuple(given)))
    control.sendall(body)


def retire(control: socket.socket) -> None:
    """Ask for the parent's end once its last case has ended. Raises OSError where it is gone."""
    control.sendall(_LENGTH.pack(0))


def receive(control: socket.socket) -> Call | Farewell:
    """Wait for an order, or for the news that none will come."""
    length, descriptors, _, _ = socket.recv_fds(control, _LENGTH.size, len(fields(Descriptors)))
    if not length:
        return Farewell.GONE
    if not descriptors:
        return Farewell.RETIRED
    body = _exactly(control, *_LENGTH.unpack(length))
    return Call(Order(**json.loads(body)), Descriptors(*descriptors))


def _exactly(control: socket.socket, size: int) -> bytes:
    with control.makefile("rb", buffering=0) as stream:
        body = b""
        while len(body) < size and (piece := stream.read(size - len(body))):
            body += piece
    return body
