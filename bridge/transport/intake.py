"""The seam behind which messages are fetched and acknowledgements are kept.

The transport knows no more of consuming than this. Today `fetcher.Fetcher` stands behind it: a
member of a consumer group, whose ledger turns acknowledgements into committed offsets. A member of
a share group (KIP-932), where the broker itself keeps the acknowledgement of each message, could
stand there as well: it would put what it acquires on the same shelf, and `finish` would be its
ACCEPT. Nothing else would change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol, TypeAlias

from bridge.transport.address import Address
from bridge.transport.backlog import Backlog
from bridge.transport.ledger import Delivery
from bridge.transport.options import Options
from bridge.transport.watch import Condemn

#: Called from any thread when there is something new.
OnReady: TypeAlias = Callable[[], None]


class Intake(Protocol):
    """Fetches messages onto a shelf until it is closed. Thread-safe."""

    #: Why it has ended by itself; its `on_ready` is called when it does.
    failure: Exception | None

    def follow(self, topics: Collection[str]) -> None:
        """Fetch messages of these topics from now on, and of no other."""

    def finish(self, delivery: Delivery) -> None:
        """Note that a message is done, and need not come again."""

    def close(self) -> None:
        """Tell the broker what is done, and leave; nothing in a forked child."""


class MakeIntake(Protocol):
    """What a transport makes its intake with."""

    def __call__(
        self,
        options: Options,
        address: Address,
        backlog: Backlog,
        *,
        on_ready: OnReady,
        condemn: Condemn,
    ) -> Intake:
        """Begin to fetch into a backlog.

        `condemn` hears of messages that kill their workers, and finishes them.
        """
