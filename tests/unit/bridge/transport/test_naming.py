import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.transport.errors import OptionError
from bridge.transport.naming import (
    LONGEST,
    dead_letter_of,
    escaped,
    is_log,
    is_of_queue,
    is_work,
    level_of,
    log_of,
    queue_and_level,
    queue_of,
    topic_of,
)

#: Any text, and text that is rich in what the names of topics are made of.
PIECES = st.sampled_from(
    [".", "..", "x2e", ".x2e", ".x40", "@", ".p", ".p1", ".p12", "p3", ".dlq", "delay.", "log.",
     "delay", "log", "a", "_", "-", "é", "\n", "\x00"]
)  # fmt: skip
NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.lists(PIECES, min_size=1, max_size=6).map("".join),
)
PREFIXES = st.sampled_from(["", "p-", "team.", "log.", "délai.", "a.x"])
#: Topics that are not a queue's own.
RESERVED = re.compile(r"(delay|log)\..*|.*\.p[0-9]+(\.dlq)*$", re.DOTALL)


@given(NAMES, PREFIXES)
@example("x40", "a.")
def test_every_queue_has_a_legal_topic_that_leads_back_to_it(queue: str, prefix: str) -> None:
    topic = topic_of(queue, prefix)
    assert re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", dead_letter_of(topic))
    assert topic not in {".", ".."}
    assert queue_of(topic, prefix) == queue


@given(NAMES)
def test_no_queue_has_a_topic_that_means_something_else(queue: str) -> None:
    assert not RESERVED.fullmatch(topic_of(queue))
    assert not RESERVED.match(dead_letter_of(topic_of(queue)))


@given(NAMES, PREFIXES)
@example("p1", "team.")
@example("1", "team.p")
@example("p1.dlq", "team.")
def test_a_dead_letter_can_be_read_as_the_queue_of_its_name(queue: str, prefix: str) -> None:
    assert topic_of(f"{queue}.dlq", prefix) == dead_letter_of(topic_of(queue, prefix))


@given(NAMES, NAMES, st.integers(min_value=1, max_value=255))
def test_the_levels_of_a_queue_are_its_own(queue: str, other: str, level: int) -> None:
    topic, foreign = topic_of(queue), topic_of(other)
    assert is_of_queue(topic, topic)
    assert is_of_queue(f"{topic}.p{level}", topic)
    assert not is_of_queue(dead_letter_of(topic), topic)
    assert is_of_queue(f"{foreign}.p{level}", topic) is (queue == other)


@pytest.mark.parametrize("queue", ["test_run_queue", "a.b-c_D9", "a.xyz", "a.delay.1", "p1"])
def test_a_legal_name_stays_as_it_is(queue: str) -> None:
    assert topic_of(queue) == queue


@pytest.mark.parametrize(
    ("queue", "topic"),
    [
        ("a@b", "a.x40b"),
        ("a.x40b", "a.x2ex40b"),
        ("a.p3", "a.x2ep3"),
        ("a.p3.dlq", "a.x2ep3.dlq"),
        ("log", ".x6cog"),
        ("log.a", ".x6cog.a"),
        ("delay.8", ".x64elay.8"),
        (".", ".x2e"),
        ("..", ".x2e."),
    ],
)
def test_what_would_be_misread_is_escaped(queue: str, topic: str) -> None:
    assert topic_of(queue) == topic


def test_the_longest_name_leaves_room_for_its_dead_letter() -> None:
    assert len(f"{topic_of('x' * LONGEST)}.p255.dlq") == 249


@pytest.mark.parametrize("queue", ["", "x" * (LONGEST + 1), "@" * (LONGEST // 4 + 1)])
def test_a_name_that_kafka_cannot_have_is_refused(queue: str) -> None:
    with pytest.raises(OptionError, match="gives no topic name"):
        topic_of(queue)


def test_each_priority_of_a_queue_has_a_topic_and_all_share_a_dead_letter() -> None:
    topics = [level_of("runs", level) for level in (0, 1, 12)]
    assert topics == ["runs", "runs.p1", "runs.p12"]
    assert [queue_and_level(topic) for topic in topics] == [
        ("runs", 0), ("runs", 1), ("runs", 12),
    ]  # fmt: skip
    assert {dead_letter_of(topic) for topic in topics} == {"runs.dlq"}


@given(NAMES, PREFIXES)
def test_what_workers_consume_is_told_from_the_rest(queue: str, prefix: str) -> None:
    topic = topic_of(queue, prefix)
    assert is_work(topic, prefix) is (not queue.endswith(".dlq"))
    assert not is_work(dead_letter_of(topic), prefix)
    assert not is_work(f"{escaped(prefix)}delay.8", prefix)
    assert not is_work(f"{escaped(prefix)}log.x", prefix)


@given(NAMES, NAMES, PREFIXES)
def test_a_log_is_that_of_one_exchange_and_no_queue(exchange: str, queue: str, prefix: str) -> None:
    topic = log_of(exchange, prefix)
    assert is_log(topic, prefix)
    assert not is_work(topic, prefix)
    assert not is_log(topic_of(queue, prefix), prefix)
    assert (log_of(queue, prefix) == topic) is (queue == exchange)


def test_an_exchange_without_a_legal_topic_is_refused() -> None:
    for name in ("", "x" * LONGEST):
        with pytest.raises(OptionError, match="gives no topic name"):
            log_of(name)
