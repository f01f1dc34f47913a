"""How many of the messages that a handler gets may become dead letters before it stops.

A few bad messages are somebody's mistake; many are a mistake of the reader's, or a flood, and a
topic drained into its dead letter is work for somebody who has to bring it back.
"""

from __future__ import annotations

from typing import Final

from app.errors import ConflictError

#: So few are put aside whatever their share is.
FEW: Final = 20
#: What came before these many messages counts half, and so on.
_MEMORY: Final = 1000


class DeadShare:
    """Counts the messages of a consumer, the latest most."""

    def __init__(self, most: float, group: str) -> None:
        self._most = most
        self._group = group
        self._taken = 0.0
        self._dead = 0.0

    def take(self, count: int) -> None:
        """Note messages that came."""
        if self._taken > _MEMORY:
            self._taken /= 2
            self._dead /= 2
        self._taken += count

    def bury(self, count: int) -> None:
        """Note messages that are to be put aside; raises ConflictError where they are too many."""
        self._dead += count
        if self._dead > FEW and self._dead > self._most * self._taken:
            raise ConflictError(
                f"Of the last {self._taken:.0f} messages {self._dead:.0f} cannot be handled: "
                "the rest of the topic is left as it is.",
                where=self._group,
                hint="The log has the reasons. TESTOPS_DEAD_LETTER_SHARE=1 puts all of them aside.",
            )
