"""Events on `test_results` (from runners) and `run_events` (from the relay).

A message is JSON with the type and version in its headers, as CloudEvents 1.0 has them in Kafka's
binary mode, and the trace that it belongs to as their extension for distributed tracing has it.
A field may be added to a version if it has a default; any other change makes a new version, and
what was published once is always read: tests keep a message of each shape there has been.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from app import tracing
from app.domain.news import Kind
from app.domain.results import CaseFinished, CaseStarted, CheckFinished, CheckStarted
from app.errors import InvalidInputError
from app.messages.codec import decode_as, encode


@dataclass(frozen=True, slots=True)
class Reported:
    """What a runner reports: which run, shard and attempt, and what happened there."""

    run_id: str
    shard: int
    attempt: int
    event: Annotated[
        CaseStarted | CheckStarted | CheckFinished | CaseFinished, Field(discriminator="kind")
    ]


@dataclass(frozen=True, slots=True)
class ShardReturned:
    """A runner that leaves has not begun the rest of a shard.

    It follows the reports of the cases that were finished; every other case is open.
    """

    run_id: str
    shard: int
    attempt: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run has reached its final status."""

    run_id: str
    suite_id: str
    status: str
    passed: int
    failed: int
    errored: int
    skipped: int
    #: Of those that failed or errored: checks in quarantine, for which no run fails.
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class GenerationFinished:
    """A generation has ended."""

    generation_id: str
    suite_id: str
    written: int
    failed: int


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something was found that a suite's people may want to be told of."""

    #: What is told once: a second event of this key is no news.
    key: str
    suite_id: str
    kind: Kind
    title: str
    text: str
    #: The run that shows it, if one does.
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class CageLayer:
    """One means of a runner to keep test scripts to their own."""

    name: str
    what: str
    holds: bool
    note: str
    advice: str


@dataclass(frozen=True, slots=True)
class RunnerStarted:
    """A runner is ready for work: what it is called, and how it keeps test scripts to their own."""

    runner: str
    #: The least acceptable cage (TESTOPS_CAGE).
    cage: str
    layers: tuple[CageLayer, ...]


#: What the relay publishes on `run_events`.
RunEvent = RunFinished | GenerationFinished | Noticed
DomainEvent = Reported | ShardReturned | RunnerStarted | RunEvent

#: Type on the wire; a changed shape gets a new version beside the old one.
TYPES: Mapping[str, type[DomainEvent]] = {
    "testops.reported.v1": Reported,
    "testops.shard_returned.v1": ShardReturned,
    "testops.runner_started.v1": RunnerStarted,
    "testops.run_finished.v1": RunFinished,
    "testops.generation_finished.v1": GenerationFinished,
    "testops.noticed.v1": Noticed,
}
_NAMES = {kind: name for name, kind in TYPES.items()}

#: Of CloudEvents.
SPECVERSION: Final = "1.0"


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as it lies on a topic."""

    #: Unique per event; a repeated one is the same event.
    id: str
    #: Events of one key keep their order.
    key: str
    type: str
    body: bytes
    #: app.tracing; empty where it belongs to no trace.
    traceparent: str = ""

    def headers(self) -> list[tuple[str, bytes]]:
        """CloudEvents attributes as Kafka headers."""
        trace = [("ce_traceparent", self.traceparent.encode())] if self.traceparent else []
        return [
            ("ce_specversion", SPECVERSION.encode()),
            ("ce_id", self.id.encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", b"testops"),
            ("content-type", b"application/json"),
            *trace,
        ]


def wrap(event: DomainEvent, *, event_id: str, key: str) -> Envelope:
    """Put an event into its envelope, as a part of the present trace."""
    return Envelope(
        id=event_id,
        key=key,
        type=_NAMES[type(event)],
        body=encode(event),
        traceparent=tracing.current(),
    )


def unwrap(headers: Mapping[str, bytes], key: str, body: bytes) -> Envelope:
    """Read an envelope from the wire; raises InvalidInputError where a required header is none."""
    if (version := _attribute(headers, "ce_specversion")) != SPECVERSION:
        raise InvalidInputError(f"CloudEvents {version} is not read.", where="ce_specversion")
    _attribute(headers, "ce_source")
    return Envelope(
        id=_attribute(headers, "ce_id"),
        key=key,
        type=_attribute(headers, "ce_type"),
        body=body,
        traceparent=headers.get("ce_traceparent", b"").decode(errors="replace"),
    )


def _attribute(headers: Mapping[str, bytes], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise InvalidInputError("A required header is missing.", where=name)
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError("The header is not UTF-8.", where=name) from error


def read(name: str, body: bytes) -> DomainEvent:
    """Read an event of a type on the wire.

    Raises InvalidInputError where the type is unknown or the body has another shape.
    """
    kind = TYPES.get(name)
    if kind is None:
        raise InvalidInputError(_unknown(name), where="ce_type")
    return decode_as(kind, body, where=name)


def _unknown(name: str) -> str:
    kind, _, _ = name.rpartition(".v")
    if any(known.rpartition(".v")[0] == kind for known in TYPES):
        return f"This program is too old to read {name!r}."
    return f"Unknown event type {name!r}."
