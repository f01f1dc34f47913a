"""Dead letters as they lie on their topic."""

from __future__ import annotations

import datetime as dt

from confluent_kafka import Message

from bridge.kafka import dead_letter
from bridge.transport import wire


def on(topic: str, headers: list[tuple[str, bytes]], value: bytes | None = b"v") -> Message:
    return Message(
        topic=topic, partition=3, offset=8, key=b"k", value=value, headers=list(headers),
        timestamp=(1, 1_767_225_600_000),
    )  # fmt: skip


def test_a_letter_is_read_as_its_original_was() -> None:
    buried = wire.dead_letter(on("news", [("a", b"\xff")]), "why")
    letter = dead_letter.read(on("news.dlq", list(buried.headers)))
    assert (letter.topic, letter.partition, letter.offset) == ("news", 3, 8)
    assert (letter.reason, letter.count) == ("why", 1)
    assert letter.written_at == letter.died_at == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert (letter.key, letter.body) == (b"k", b"v")
    assert set(letter.headers) == {
        ("a", b"\xff"),
        ("x-dead-count", b"1"),
        ("x-delivery-count", b"0"),
    }


def test_a_letter_that_says_nothing_comes_from_where_it_lies() -> None:
    odd = [("x-origin-offset", b"far"), ("x-origin-partition", b"1" * 10)]
    letter = dead_letter.read(on("news.dlq", odd, None))
    assert (letter.topic, letter.partition, letter.offset) == ("news", 3, 8)
    assert (letter.reason, letter.count, letter.body) == ("", 1, b"")
