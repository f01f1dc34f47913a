import pytest
from confluent_kafka import Message

from app.errors import InvalidInputError
from app.messages import events
from bridge.kafka import clients, records

EVENT = events.GenerationFinished("g1", "s1", written=1, failed=0)
ENVELOPE = events.wrap(EVENT, event_id="e1", key="run-1")
HEADERS: dict[str, str | bytes | None] = dict(ENVELOPE.headers())


def test_a_record_is_read_with_its_place() -> None:
    record = Message(
        topic="run_events", partition=2, offset=9,
        key=b"run-1", value=ENVELOPE.body, headers=list(ENVELOPE.headers()),
    )  # fmt: skip
    assert records.read(record) == records.Received(
        id="e1", key="run-1", event=EVENT, topic="run_events", partition=2, offset=9
    )


@pytest.mark.parametrize(
    ("value", "headers", "message"),
    [
        (None, {}, "no body"),
        (b"{}", {}, "header is missing"),
        (b"{}", {**HEADERS, "ce_type": "testops.reported.v9"}, "too old to read"),
        (b"{", HEADERS, "testops.generation_finished.v1"),
        (b"[" * 100_000, HEADERS, "recursion limit"),
        (b'{"generation_id": "\xff"}', HEADERS, "testops.generation_finished.v1"),
        (b"{}", {**HEADERS, "ce_type": None}, "header is missing"),
        (b" " * (clients.MAX_MESSAGE_BYTES + 1), HEADERS, "larger than"),
    ],
    ids=["empty", "headers", "newer", "json", "nested", "utf-8", "no-value", "large"],
)
def test_anything_else_is_refused_with_the_reason(
    value: bytes | None, headers: dict[str, str | bytes | None], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        records.read(Message(topic="run_events", value=value, headers=headers))
