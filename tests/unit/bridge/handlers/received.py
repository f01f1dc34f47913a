"""Batches as the consumer loop hands them over."""

from __future__ import annotations

from app.messages.events import DomainEvent, Reported
from bridge.kafka.records import Received


def batch(*events: DomainEvent) -> list[Received]:
    """The events in the order of their offsets."""
    return [
        Received(
            id=f"event-{offset}",
            key="k",
            event=event,
            topic="test_results" if isinstance(event, Reported) else "run_events",
            partition=0,
            offset=offset,
        )
        for offset, event in enumerate(events)
    ]
