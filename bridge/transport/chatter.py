"""librdkafka's own log, without what it repeats for every connection that fails.

While a broker is away each client tries again many times a second, and logs each attempt; `Trouble`
says the same once a minute, with what to do. At the level DEBUG the attempts are logged too.
"""

from __future__ import annotations

import logging
from typing import Final

#: librdkafka's facilities for connections that fail: of one broker, and of the client.
_REPEATED: Final = frozenset({"FAIL", "ERROR"})


def logger(name: str) -> logging.Logger:
    """A logger of this name for clients to write to; the same one each time."""
    made = logging.getLogger(name)
    made.addFilter(_is_said)
    return made


def _is_said(record: logging.LogRecord) -> bool:
    """Whether a line stands: its first argument is the facility."""
    is_repeated = isinstance(record.args, tuple) and record.args[:1] in {(it,) for it in _REPEATED}
    return not is_repeated or logging.getLogger(record.name).isEnabledFor(logging.DEBUG)


LOGGER: Final = logger("bridge.transport.librdkafka")
