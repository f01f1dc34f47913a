"""What the warm parent tells the engine about the cage: which layers hold, and why others do not.

It travels once, before anything else, as JSON with its length before it in four bytes.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from worker.cage.layers import KEEPERS, Layer, Promise


@dataclass(frozen=True, slots=True)
class Finding:
    """One layer on this machine."""

    layer: Layer
    holds: bool
    #: How it is done where it holds, otherwise why it does not.
    note: str = ""
    #: What makes it hold.
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All layers, in the order of `Layer`."""

    findings: tuple[Finding, ...] = ()

    @property
    def layers(self) -> frozenset[Layer]:
        """The layers that hold."""
        return frozenset(finding.layer for finding in self.findings if finding.holds)

    @property
    def missing(self) -> Iterator[Finding]:
        """The layers that do not hold."""
        return (finding for finding in self.findings if not finding.holds)

    @property
    def folders_need_watching(self) -> bool:
        """Whether the engine has to see to it that a case does not fill the disk."""
        return Layer.CAPPED_FOLDER in self.layers and Layer.MOUNTS not in self.layers

    def keepers(self, promise: Promise) -> frozenset[Layer]:
        """The layers that hold and keep the promise."""
        return KEEPERS[promise] & self.layers


_LENGTH = struct.Struct("!I")
_REPORT: TypeAdapter[Report] = TypeAdapter(Report)


def send(control: socket.socket, report: Report) -> None:
    """Tell the engine. Raises OSError where it is gone."""
    body = _REPORT.dump_json(report)
    control.sendall(_LENGTH.pack(len(body)) + body)


def receive(control: socket.socket) -> Report | None:
    """Wait for the report; None where the warm parent has ended without one."""
    with control.makefile("rb", buffering=0) as stream:
        length = stream.read(_LENGTH.size)
        if not length:
            return None
        body = b""
        (size,) = _LENGTH.unpack(length)
        while piece := stream.read(size - len(body)):
            body += piece
    return _REPORT.validate_json(body)
