import logging
from typing import cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from bridge.transport import commits as module
from bridge.transport.commits import Commits
from bridge.transport.ledger import Ledger

HERE = ("queue", 0)


class Mute:
    """A consumer that takes commits and answers when it is told to."""

    def __init__(self) -> None:
        self.commits: list[list[TopicPartition]] = []
        self.error: KafkaError | None = None

    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: bool
    ) -> list[TopicPartition] | None:
        if self.error is not None:
            raise KafkaException(self.error)
        self.commits.append(offsets)
        return None if asynchronous else offsets

    @property
    def offsets(self) -> list[int]:
        return [offset.offset for [offset] in self.commits]


@pytest.fixture
def mute() -> Mute:
    return Mute()


@pytest.fixture
def consumer(mute: Mute) -> Consumer:
    return cast("Consumer", mute)


@pytest.fixture
def ledger() -> Ledger:
    """Two messages are out, the first of them is finished."""
    ledger = Ledger()
    ledger.assign([HERE])
    first, _ = ledger.deliver(HERE, 0), ledger.deliver(HERE, 1)
    assert first is not None
    ledger.finish(first)
    return ledger


def test_the_next_commit_waits_for_the_answer_to_the_last(
    mute: Mute, consumer: Consumer, ledger: Ledger
) -> None:
    """Else a late one could overtake its successor, and the offset go back."""
    commits = Commits(ledger, "one:1", 0)
    assert commits.begin(consumer)
    assert commits.begin(consumer)
    assert mute.offsets == [1]
    commits.answered(KafkaError(KafkaError.REBALANCE_IN_PROGRESS), [])
    commits.soon(consumer)
    assert mute.offsets == [1, 1]
    commits.answered(None, mute.commits[-1])
    assert not commits.begin(consumer)


def test_an_answer_that_never_comes_is_not_awaited_for_ever(
    mute: Mute, consumer: Consumer, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ANSWER_SECONDS", 0)
    commits = Commits(ledger, "one:1", 0)
    commits.begin(consumer)
    commits.begin(consumer)
    assert mute.offsets == [1, 1]


def test_commits_keep_their_interval(mute: Mute, consumer: Consumer, ledger: Ledger) -> None:
    commits = Commits(ledger, "one:1", 1000)
    commits.soon(consumer)
    commits.answered(KafkaError(KafkaError.REBALANCE_IN_PROGRESS), [])
    commits.soon(consumer)
    assert mute.offsets == [1]


def test_a_commit_that_cannot_even_be_sent_is_repeated(
    mute: Mute, consumer: Consumer, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    commits = Commits(ledger, "one:1", 0)
    mute.error = KafkaError(KafkaError._STATE)
    commits.begin(consumer)
    commits.now(consumer, [HERE])
    assert caplog.text.count("Kafka at one:1 refused a commit") == 2
    mute.error = None
    commits.now(consumer, [HERE])
    commits.now(consumer, [HERE])
    assert mute.offsets == [1]
