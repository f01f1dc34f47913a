"""When a message that did not arrive is tried again. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Final

#: Pauses before each next attempt: most outages are short, and nobody reads news of yesterday.
PAUSES: Final = tuple(
    dt.timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 4 * 3600)
)

#: A service that asks for more patience is tried sooner.
LONGEST_WAIT: Final = dt.timedelta(hours=4)


def pause(attempts: int, asked: dt.timedelta | None = None) -> dt.timedelta | None:
    """How long to wait after so many attempts; None where it is given up.

    `asked` is what the service asked for (Retry-After of RFC 9110, section 10.2.3).
    """
    if attempts > len(PAUSES):
        return None
    own = PAUSES[attempts - 1]
    return own if asked is None else max(own, min(asked, LONGEST_WAIT))
