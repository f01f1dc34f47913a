"""How much waits in queues, asked without being a member of the workers' group.

    sizes.read("kafka://host:9092", broker_transport_options, ["celery", "mail"])["mail"].waiting

What waits is what is in the log from the committed offset on, less what is finished beyond it. It
counts running tasks and those that a worker has fetched: their offsets are not committed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.transport import address, completed, naming, options
from bridge.transport.cluster import Cluster
from bridge.transport.ledger import Commit, Place


@dataclass(frozen=True, slots=True)
class PartitionSize:
    """One partition of a queue's topic, as the group has left it."""

    topic: str
    partition: int
    #: The first offset that is still there, and the one that the next message gets.
    begin: int
    end: int
    #: All below is finished; None where the group has never committed.
    committed: int | None
    #: How many messages after the committed offset are finished.
    finished: int

    @property
    def start(self) -> int:
        """Where unfinished messages begin."""
        return self.begin if self.committed is None else max(self.begin, self.committed)

    @property
    def waiting(self) -> int:
        """How many messages are not finished."""
        return max(self.end - self.start - self.finished, 0)


@dataclass(frozen=True, slots=True)
class QueueSize:
    """A queue's partitions, those of its priorities too; none where it has no topic yet."""

    queue: str
    partitions: tuple[PartitionSize, ...]

    @property
    def waiting(self) -> int:
        """How many messages are not finished."""
        return sum(each.waiting for each in self.partitions)


def read(
    url: str,
    transport_options: Mapping[str, Any],
    queues: Collection[str],
    *,
    use_ssl: object = None,
) -> dict[str, QueueSize]:
    """The sizes of queues for an application with these settings (Celery's `broker_…`).

    Blocks for a connection and two round trips. Raises BrokerError, OptionError.
    """
    chosen = options.read(transport_options)
    with Cluster(chosen, address.parse(url, use_ssl)) as cluster:
        return of(cluster, chosen, queues)


def of(cluster: Cluster, chosen: options.Options, queues: Collection[str]) -> dict[str, QueueSize]:
    """The sizes of queues; raises BrokerError."""
    topics = {queue: naming.topic_of(queue, chosen.topic_prefix) for queue in queues}
    places = {queue: list[Place]() for queue in queues}
    there = cluster.partitions()
    for queue, topic in topics.items():
        for name in sorted(there):
            if naming.is_of_queue(name, topic):
                places[queue] += [(name, number) for number in range(there[name])]
    found = _partitions(cluster, chosen.group_id, [place for it in places.values() for place in it])
    return {
        queue: QueueSize(queue, tuple(found[place] for place in places[queue])) for queue in queues
    }


def _partitions(
    cluster: Cluster, group: str, places: Collection[Place]
) -> dict[Place, PartitionSize]:
    # The end is asked for last: what is committed meanwhile is never beyond it.
    commits = cluster.commits(group, places)
    begins, ends = cluster.beginnings(places), cluster.ends(places)
    return {
        place: _partition(place, begins[place], ends[place], commits.get(place)) for place in places
    }


def _partition(place: Place, begin: int, end: int, commit: Commit | None) -> PartitionSize:
    if commit is None:
        return PartitionSize(*place, begin, end, None, 0)
    finished = completed.decode(commit.offset, commit.metadata)
    beyond = sum(1 for offset in finished if begin <= offset < end)
    return PartitionSize(*place, begin, end, commit.offset, beyond)
