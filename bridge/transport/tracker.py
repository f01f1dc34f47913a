"""Which offset of a partition may be committed: pure bookkeeping, no Kafka.

Messages are finished in any order, but a commit says "everything below is done": only the
contiguous prefix may be committed. (Finished offsets beyond it could travel in the commit's
metadata, so that they are not delivered again after a crash; this is where that would come in.)
"""

from __future__ import annotations

from collections import deque


class PartitionTracker:
    """The delivered and the finished offsets of one partition during one assignment.

    Offsets rise, but may have gaps: compaction and transactions leave some.
    """

    __slots__ = ("_delivered", "_next", "_open")

    def __init__(self) -> None:
        #: In order, from the first unfinished one on; holds finished ones after it.
        self._delivered: deque[int] = deque()
        self._open: set[int] = set()
        self._next: int | None = None

    @property
    def open(self) -> int:
        """How many delivered messages are unfinished."""
        return len(self._open)

    @property
    def safe(self) -> int | None:
        """The offset to commit: every delivered message below it is finished.

        None before the first delivery.
        """
        return self._delivered[0] if self._delivered else self._next

    def deliver(self, offset: int) -> None:
        """Note a delivered message; raises ValueError where its offset does not rise."""
        if self._next is not None and offset < self._next:
            raise ValueError(f"offset {offset} after {self._next - 1}")
        self._delivered.append(offset)
        self._open.add(offset)
        self._next = offset + 1

    def finish(self, offset: int) -> bool:
        """Note a finished message; false where it was not open."""
        if offset not in self._open:
            return False
        self._open.remove(offset)
        while self._delivered and self._delivered[0] not in self._open:
            self._delivered.popleft()
        return True
