"""librdkafka's own log, without what it repeats for every connection that fails.

While a broker is away each client tries again many times a second, and logs each attempt; `Trouble`
says the same once a minute, with what to do. At the level DEBUG the attempts are logged too.
"""

from __future__ import annotations

import logging
from typing import Final

LOGGER: Final = logging.getLogger("bridge.transport.librdkafka")

#: librdkafka's facilities for connections that fail: of one broker, and of the client.
_REPEATED: Final = frozenset({"FAIL", "ERROR"})


def _is_said(record: logging.LogRecord) -> bool:
    """Whether a line stands: its first argument is the facility."""
    is_repeated = isinstance(record.args, tuple) and record.args[:1] in {(it,) for it in _REPEATED}
    return not is_repeated or LOGGER.isEnabledFor(logging.DEBUG)


LOGGER.addFilter(_is_said)
