import json
from datetime import UTC, datetime
from typing import Any

import pytest
from confluent_kafka import Message

from bridge.transport import wire

PREPARED: dict[str, Any] = {
    "body": '[["é"], {}]',
    "content-type": "application/json",
    "content-encoding": "utf-8",
    "headers": {"task": "note", "id": "1"},
    "properties": {
        "delivery_tag": "local",
        "body_encoding": None,
        "message_key": "run-1",
        "delivery_info": {"exchange": "", "routing_key": "queue"},
    },
}


def on_topic(message: wire.Outgoing) -> Message:
    return Message(
        topic="queue", partition=2, offset=7,
        key=message.key, value=message.value, headers=list(message.headers),
    )  # fmt: skip


def test_a_message_comes_back_as_it_was() -> None:
    outgoing = wire.encode(PREPARED)
    assert (outgoing.key, outgoing.value) == (b"run-1", '[["é"], {}]'.encode())

    payload = wire.decode(on_topic(outgoing))
    assert payload["body"] == outgoing.value
    assert payload["headers"] == PREPARED["headers"]
    assert payload["content-type"] == "application/json"
    assert payload["properties"] == {
        "message_key": "run-1",
        "delivery_info": {
            "exchange": "", "routing_key": "queue", "redelivered": False, "delivery_count": 0,
        },
    }  # fmt: skip


def plain(headers: dict[str, Any]) -> dict[str, bytes]:
    """The headers that are there beside `celery`."""
    written = dict(wire.encode({**PREPARED, "headers": headers}).headers)
    assert json.loads(written.pop("celery"))["headers"] == headers
    return written


def test_tools_of_kafka_see_the_task_and_its_trace() -> None:
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    task = {"task": "note", "id": "1", "root_id": "1", "retries": 2}
    assert plain({**task, **trace, "tracestate": "a=b"}) == {
        "task-id": b"1", "task-name": b"note", "task-attempt": b"3", "tracestate": b"a=b",
        "traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }  # fmt: skip
    assert plain({**task, "root_id": "0"})["task-root-id"] == b"0"


def test_what_is_no_task_has_no_plain_headers() -> None:
    assert plain({}) == {}
    assert plain({"task": "note"}) == {}
    assert plain({"task": "note", "id": [1], "retries": "?", "traceparent": 1}) == {
        "task-id": b"[1]", "task-name": b"note",
    }  # fmt: skip


def test_kombus_own_types_come_back_in_headers() -> None:
    moment = datetime(2020, 1, 2, tzinfo=UTC)
    outgoing = wire.encode({**PREPARED, "headers": {"at": moment}})
    assert wire.decode(on_topic(outgoing))["headers"] == {"at": moment}


def test_binary_bodies_and_no_key() -> None:
    prepared = {**PREPARED, "body": b"\xff", "properties": {"delivery_info": {}}}
    assert wire.encode(prepared).key is None
    assert wire.decode(on_topic(wire.encode(prepared)))["body"] == b"\xff"


def test_a_requeued_message_counts_its_deliveries() -> None:
    once = wire.requeued(on_topic(wire.encode(PREPARED)))
    twice = wire.requeued(on_topic(once))

    info = wire.decode(on_topic(twice))["properties"]["delivery_info"]
    assert (info["redelivered"], info["delivery_count"]) == (True, 2)
    assert twice.key == b"run-1"


def test_a_dead_letter_says_where_from_and_why() -> None:
    letter = wire.dead_letter(on_topic(wire.encode(PREPARED)), "x" * 2000)
    headers = dict(letter.headers)

    assert letter.value == wire.encode(PREPARED).value
    assert headers["x-origin-topic"] == b"queue"
    assert headers["x-origin-partition"] == b"2"
    assert headers["x-origin-offset"] == b"7"
    assert headers["x-origin-time"] == b"%d" % on_topic(letter).timestamp()[1]
    assert headers["x-reason"] == b"x" * 1024
    assert "celery" in headers


def test_a_message_counts_how_often_it_became_a_dead_letter() -> None:
    """Also where somebody else has written something into the header."""
    once = wire.dead_letter(on_topic(wire.encode(PREPARED)), "one")
    twice = wire.dead_letter(on_topic(once), "two")
    assert dict(once.headers)["x-dead-count"] == b"1"
    assert dict(twice.headers)["x-dead-count"] == b"2"
    odd = wire.copy(on_topic(once), [("x-dead-count", b"many")])
    assert dict(wire.dead_letter(on_topic(odd), "").headers)["x-dead-count"] == b"1"


def test_headers_may_be_a_mapping_or_lack_values() -> None:
    assert wire.headers_of(Message(headers={"a": "b", "c": None})) == (("a", b"b"), ("c", b""))
    assert wire.headers_of(Message()) == ()


GOOD = {"v": 1, "properties": {"delivery_info": {}}, "headers": {}, "content-type": "a",
        "content-encoding": "b"}  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "value", "reason"),
    [
        ({}, b"", "not published by kombu"),
        ({"celery": b"{"}, b"", "is no JSON"),
        ({"celery": b"\xff"}, b"", "is no JSON"),
        ({"celery": b"[" * 100_000}, b"", "is no JSON"),
        ({"celery": b"[]"}, b"", "is not of version 1"),
        ({"celery": b'{"v": 2}'}, b"", "is not of version 1"),
        ({"celery": b'{"v": 1}'}, b"", "lacks something"),
        ({"celery": json.dumps(GOOD), "x-delivery-count": "many"}, b"", "is no number"),
        ({"celery": json.dumps(GOOD)}, None, "has no value"),
    ],
)
def test_a_foreign_record_is_told_apart(
    headers: dict[str, str | bytes | None], value: bytes | None, reason: str
) -> None:
    with pytest.raises(wire.WireError, match=reason):
        wire.decode(Message(headers=headers, value=value))


def test_a_delayed_message_says_until_when_and_where_to() -> None:
    outgoing = wire.encode(PREPARED)
    delayed = wire.delayed(outgoing, wire.Waiting(12.3451, "queue.p1"))
    record = on_topic(delayed)

    assert wire.waiting(record) == wire.Waiting(12.346, "queue.p1"), "never early"
    assert wire.arrived(record) == outgoing


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-due": b"1"}, {"x-topic": b"queue"}, {"x-due": b"soon", "x-topic": b"queue"},
     {"x-due": b"9" * 400, "x-topic": b"queue"}, {"x-due": b"1", "x-topic": b"no topic"}],
)  # fmt: skip
def test_a_record_that_waits_for_nothing_is_recognised(headers: dict[str, bytes]) -> None:
    with pytest.raises(wire.WireError, match="no x-due or no x-topic"):
        wire.waiting(Message(headers=list(headers.items())))
