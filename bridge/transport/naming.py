"""Queue names to topic names and back.

Kafka allows `[a-zA-Z0-9._-]`, at most 249 characters. Any other byte becomes `.xHH` (hexadecimal of
UTF-8), and so does a dot that would otherwise read as such; names without those stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

from bridge.transport.errors import OptionError

DEAD_LETTER_SUFFIX: Final = ".dlq"
#: Kafka's limit, less the suffix.
_LONGEST: Final = 249 - len(DEAD_LETTER_SUFFIX)

_FOREIGN: Final = re.compile(rb"\.(?=x[0-9a-f]{2})|[^a-zA-Z0-9._-]")
_ESCAPED: Final = re.compile(rb"\.x([0-9a-f]{2})")


def topic_of(queue: str, prefix: str = "") -> str:
    """The topic of a queue; raises OptionError where Kafka has no such name."""
    name = _FOREIGN.sub(lambda found: b".x%02x" % found[0][0], (prefix + queue).encode()).decode()
    if name in {"", ".", ".."} or len(name) > _LONGEST:
        raise OptionError(f"The queue name {queue!r} gives no topic name of 1 to {_LONGEST} bytes.")
    return name


def queue_of(topic: str, prefix: str = "") -> str:
    """The queue of a topic that `topic_of` named."""
    name = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), topic.encode())
    return name.decode().removeprefix(prefix)


def dead_letter_of(topic: str) -> str:
    """The topic that takes what could not be handled."""
    return topic + DEAD_LETTER_SUFFIX
