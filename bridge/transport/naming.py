"""Queue names to topic names and back.

Kafka allows `[a-zA-Z0-9._-]`, at most 249 characters. Any other byte of a queue's name becomes
`.xHH` (hexadecimal of UTF-8), and so does what would otherwise be misread: a dot that looks like
such an escape, the dot before what looks like a level of priority (`<topic>.p<n>`), and the first
letter of what looks like a delay (`delay.<seconds>`) or a log (`log.<exchange>`). All other names
stay as they are. So no two things share a topic, and every topic leads back to its queue.

A dead letter's topic may be read as the queue of that name: `topic_of(queue + ".dlq")` is
`dead_letter_of(topic_of(queue))`.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from bridge.transport.errors import OptionError

DEAD_LETTER_SUFFIX: Final = ".dlq"
_LOG_PREFIX: Final = "log."
#: Kafka's limit, less the longest suffixes: a level of priority and that of a dead letter.
LONGEST: Final = 249 - len(".p255") - len(DEAD_LETTER_SUFFIX)

#: What is not allowed, and what would be misread.
_FOREIGN: Final = re.compile(
    rb"[^a-zA-Z0-9._-]"
    rb"|\.(?=x[0-9a-f]{2})"
    rb"|\.(?=p[0-9]+(?:\.dlq)*\Z)"
    # Also without a dot: `log.dlq` would be the dead letter of `log`, and the log of `dlq`.
    rb"|\A[dl](?=(?:(?<=d)elay|(?<=l)og)(?:[^a-zA-Z0-9_-]|\Z))"
    # Kafka has no topics `.` and `..`.
    rb"|\A\.(?=\.?(?:\.dlq)*\Z)"
)
#: Names that are remembered: one message after the other asks for the same few.
_remembered = functools.lru_cache(maxsize=4096)

#: What would be misread though neither prefix nor queue is: "team." and "p1".
_LIKE_A_LEVEL: Final = re.compile(r"\.p[0-9]+(?:\.dlq)*\Z")
_LEVEL: Final = re.compile(r"\.p([1-9][0-9]*)\Z")
_ESCAPED: Final = re.compile(rb"\.x([0-9a-f]{2})")


@_remembered
def topic_of(queue: str, prefix: str = "") -> str:
    """The topic of a queue; raises OptionError where Kafka has no such name."""
    before, name = escaped(prefix), escaped(queue)
    found = _LIKE_A_LEVEL.search(before + name)
    if name and found and found.start() < len(before):
        name = f".x{ord(name[0]):02x}{name[1:]}"
    topic = before + name
    if not queue or len(topic) > LONGEST:
        raise OptionError(f"The queue name {queue!r} gives no topic name of 1 to {LONGEST} bytes.")
    return topic


def queue_of(topic: str, prefix: str = "") -> str:
    """The queue of a topic that `topic_of` named."""
    name = topic.removeprefix(escaped(prefix)).encode()
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), name).decode()


def dead_letter_of(topic: str) -> str:
    """The topic that takes what could not be handled, of all levels of a queue."""
    return queue_and_level(topic)[0] + DEAD_LETTER_SUFFIX


def level_of(topic: str, level: int) -> str:
    """The topic of a queue's messages of this priority; the lowest, 0, have the queue's own."""
    return f"{topic}.p{level}" if level else topic


@_remembered
def queue_and_level(topic: str) -> tuple[str, int]:
    """The topic of the queue, and the priority, of which `level_of` gave the topic."""
    found = _LEVEL.search(topic)
    return (topic[: found.start()], int(found[1])) if found else (topic, 0)


def delay_of(seconds: int, prefix: str = "") -> str:
    """The topic of messages that wait so long."""
    return f"{escaped(prefix)}delay.{seconds}"


def delay_dead_letter(prefix: str = "") -> str:
    """The topic that takes what all delays could not handle."""
    return f"{escaped(prefix)}delay{DEAD_LETTER_SUFFIX}"


def seconds_of(topic: str, prefix: str = "") -> int | None:
    """How long messages wait in a topic that `delay_of` named; None for any other topic."""
    found = re.fullmatch(r"delay\.([0-9]+)", topic.removeprefix(escaped(prefix)))
    return int(found[1]) if found else None


def log_of(exchange: str, prefix: str = "") -> str:
    """The topic of a broadcast exchange; raises OptionError where Kafka has no such name."""
    topic = escaped(prefix) + _LOG_PREFIX + escaped(exchange)
    if not exchange or len(topic) > LONGEST:
        raise OptionError(f"The exchange {exchange!r} gives no topic name of 1 to {LONGEST} bytes.")
    return topic


def is_log(topic: str, prefix: str = "") -> bool:
    """Whether `log_of` named this topic."""
    return topic.startswith(escaped(prefix) + _LOG_PREFIX)


def is_of_queue(topic: str, queue_topic: str) -> bool:
    """Whether a topic holds messages of a queue: its own topic, or one of its priorities."""
    return queue_and_level(topic)[0] == queue_topic


def is_work(topic: str, prefix: str = "") -> bool:
    """Whether workers consume a topic: no dead letter, delay or log."""
    reserved = (f"{escaped(prefix)}delay.", f"{escaped(prefix)}log.")
    return not topic.endswith(DEAD_LETTER_SUFFIX) and not topic.startswith(reserved)


def escaped(name: str) -> str:
    """A name as part of a topic's name."""
    return _FOREIGN.sub(lambda found: b".x%02x" % found[0][0], name.encode()).decode()
