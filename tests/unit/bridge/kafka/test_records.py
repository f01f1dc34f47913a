import pytest
from confluent_kafka import Message

from app.errors import InvalidInputError
from app.messages import events
from bridge.kafka import records

EVENT = events.GenerationFinished("g1", "s1", written=1, failed=0)
ENVELOPE = events.wrap(EVENT, event_id="e1", key="run-1")


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
        (b"{}", {}, "Unknown event type"),
        (b"{}", {"ce_type": "testops.reported.v9"}, "Unknown event type 'testops.reported.v9'"),
        (b"{", {"ce_type": "testops.reported.v1"}, "testops.reported.v1"),
        (b"{}", {"ce_type": None}, "Unknown event type"),
    ],
)
def test_anything_else_is_refused_with_the_reason(
    value: bytes | None, headers: dict[str, str | bytes | None], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        records.read(Message(topic="run_events", value=value, headers=headers))
