"""When a worker is full for a moment only: waiting for room instead of pausing.

A broker of which all partitions were paused is asked again up to a second after they go on: its
thread in librdkafka sleeps so long, and resuming does not wake it. Quick tasks would have nothing
to do for most of that second, each time. So a worker that is full does not poll for a little while;
when it is full for longer its tasks are slow, and the second does not matter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

#: A full buffer that lasts longer than this also lasts for the time that going on takes.
_MOST_SECONDS: Final = 1.0
#: Acknowledgements and changes are seen to in between.
_REST_SECONDS: Final = 0.05


class Breather:
    """Counts how long a worker has been full; polling may rest so long, as a rebalance may wait."""

    def __init__(
        self,
        wait_for_room: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wait_for_room = wait_for_room
        self._clock = clock
        self._since: float | None = None

    def rests(self, *, is_full: bool) -> bool:
        """Wait a moment for room; false where there is room already, or no hope of it soon."""
        if not is_full:
            self._since = None
            return False
        now = self._clock()
        self._since = now if self._since is None else self._since
        if now - self._since >= _MOST_SECONDS:
            return False
        self._wait_for_room(_REST_SECONDS)
        return True
