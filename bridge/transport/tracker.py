"""Which offset of a partition may be committed: pure bookkeeping, no Kafka.

Messages are finished in any order, but a commit says "everything below is done": only the
contiguous prefix may be committed. What is finished beyond it travels in the commit's metadata, so
that the next owner of the partition does not hand it out again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class PartitionTracker:
    """The delivered and the finished offsets of one partition during one assignment.

    Begins with what was committed: the offset, and those finished beyond it. Offsets rise, but
    may have gaps: compaction and transactions leave some.
    """

    __slots__ = ("_begin", "_delivered", "_known", "_known_end", "_next", "_open")

    def __init__(self, begin: int = 0, finished: Iterable[int] = ()) -> None:
        self._begin = begin
        #: Finished under an earlier owner and not delivered yet.
        self._known = set(finished)
        self._known_end = max(self._known, default=-1) + 1
        #: In order, from the first unfinished one on; holds finished ones after it.
        self._delivered: deque[int] = deque()
        self._open: set[int] = set()
        self._next: int | None = None

    @property
    def open(self) -> int:
        """How many delivered messages are unfinished."""
        return len(self._open)

    def is_open(self, offset: int) -> bool:
        """Whether a message is delivered and unfinished."""
        return offset in self._open

    @property
    def safe(self) -> int | None:
        """The offset to commit: every delivered message below it is finished.

        None before the first delivery.
        """
        return self._delivered[0] if self._delivered else self._next

    @property
    def finished(self) -> list[int]:
        """The finished offsets from the safe one on, in no order."""
        safe = self.safe
        if safe is None:
            return []
        here = (offset for offset in self._delivered if offset not in self._open)
        return [*here, *(offset for offset in self._known if offset >= safe)]

    @property
    def span(self) -> int:
        """How far deliveries are ahead of the first unfinished message.

        0 as long as deliveries are among what an earlier owner has got to, for then the first
        unfinished message may not be delivered yet.
        """
        if not self._delivered or self._next is None or self._next < self._known_end:
            return 0
        return self._next - self._delivered[0]

    def is_behind(self, offset: int) -> bool:
        """Whether this or a later offset was delivered before."""
        return self._next is not None and offset < self._next

    def deliver(self, offset: int) -> bool:
        """Note a delivered message; false where an earlier owner has finished it.

        Raises ValueError where its offset does not rise.
        """
        if self._next is None and offset < self._begin:
            # The log was cut or made anew: what was finished is no longer in it.
            self._known.clear()
            self._known_end = 0
        if self.is_behind(offset):
            raise ValueError(f"offset {offset} after a later one")
        self._delivered.append(offset)
        self._next = offset + 1
        if offset in self._known:
            self._known.remove(offset)
            self._advance()
            return False
        self._open.add(offset)
        return True

    def finish(self, offset: int) -> bool:
        """Note a finished message; false where it was not open."""
        if offset not in self._open:
            return False
        self._open.remove(offset)
        self._advance()
        return True

    def _advance(self) -> None:
        while self._delivered and self._delivered[0] not in self._open:
            self._delivered.popleft()
