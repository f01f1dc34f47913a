"""Empties and deletes queues.

A broker with administration deletes the messages themselves; of one without, only a group without
workers can pass over them. What workers have fetched already, they still run.
"""

from __future__ import annotations

from bridge.transport import sizes
from bridge.transport.cluster import Cluster
from bridge.transport.errors import UnsupportedError
from bridge.transport.options import Options


def purge(cluster: Cluster, options: Options, queue: str) -> int:
    """Discard what waits in a queue now; returns how many messages were unfinished.

    Raises BrokerError; UnsupportedError where the broker cannot delete messages and workers read.
    """
    size = sizes.of(cluster, options, [queue])[queue]
    ends = {
        (part.topic, part.partition): part.end for part in size.partitions if part.end > part.begin
    }
    is_cut = cluster.cut(ends) if ends else True
    behind = {
        (part.topic, part.partition): part.end
        for part in size.partitions
        if part.committed is None or part.committed < part.end
    }
    # Also where messages are deleted: lag that others see is the end less what is committed.
    is_passed = cluster.commit(options.group_id, behind) if behind else True
    if not is_cut and not is_passed:
        raise UnsupportedError(
            f"The queue {queue} cannot be purged: this broker does not delete messages, and "
            f"workers of the group {options.group_id} read it; stop them and purge again"
        )
    return size.waiting


def delete(cluster: Cluster, options: Options, queue: str) -> sizes.QueueSize:
    """Delete a queue's topics; returns what there was.

    Its dead letters stay. Raises BrokerError; UnsupportedError unless `topic_deletion` is set.
    """
    if not options.topic_deletion:
        raise UnsupportedError(
            f"Deleting the queue {queue} would delete its topic with all messages: purge it, or "
            "set the transport option topic_deletion"
        )
    size = sizes.of(cluster, options, [queue])[queue]
    topics = {part.topic for part in size.partitions}
    if topics:
        cluster.delete(sorted(topics))
    return size
