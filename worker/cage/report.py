"""What the warm parent tells the engine about the cage: which layers hold, and why others do not."""

from __future__ import annotations

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

    def keepers(self, promise: Promise) -> frozenset[Layer]:
        """The layers that hold and keep the promise."""
        return KEEPERS[promise] & self.layers


_REPORT: TypeAdapter[Report] = TypeAdapter(Report)


def encode(report: Report) -> bytes:
    """Write a report as JSON."""
    return _REPORT.dump_json(report)


def decode(data: bytes) -> Report:
    """Read what `encode` wrote."""
    return _REPORT.validate_json(data)
