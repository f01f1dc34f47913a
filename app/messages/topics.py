"""Every topic, consumer group and task name, once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic as it is created."""

    name: str
    partitions: int
    retention_hours: int

    @property
    def dead_letter(self) -> str:
        """The topic that takes what could not be handled."""
        return f"{self.name}.dlq"


#: Celery queues; one topic each. Partitions bound how many workers can share a queue.
TEST_RUN_QUEUE = Topic("test_run_queue", partitions=12, retention_hours=7 * 24)
GENERATION_QUEUE = Topic("generation_queue", partitions=6, retention_hours=7 * 24)
#: What runners report, keyed by run.
TEST_RESULTS = Topic("test_results", partitions=12, retention_hours=7 * 24)
#: What happened to runs and generations, keyed by run; published by the relay.
RUN_EVENTS = Topic("run_events", partitions=6, retention_hours=30 * 24)

QUEUES = (TEST_RUN_QUEUE, GENERATION_QUEUE)
EVENT_TOPICS = (TEST_RESULTS, RUN_EVENTS)
TOPICS = QUEUES + EVENT_TOPICS

#: Exchanges over which Celery controls and watches its workers: commands, replies, events.
BROADCASTS = ("celery.pidbox", "reply.celery.pidbox", "celeryev")


class Task:
    """Names of the Celery tasks."""

    WRITE_CASES = "generation.write_cases"
    REFRESH_DESCRIPTION = "generation.refresh_description"
    EXECUTE_SHARD = "execution.execute_shard"


class Group:
    """Consumer groups: named as the process that consumes."""

    RESULTS = "bridge-results"
    NOTIFICATIONS = "bridge-notifications"
    ANALYTICS = "bridge-analytics"
    DEAD_LETTERS = "bridge-dead-letters"
