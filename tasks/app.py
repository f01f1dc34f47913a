"""The Celery applications: one for each kind of worker, with the same options.

`celery -A tasks.execution worker` and `celery -A tasks.generation worker` each know their own tasks
only; that of `tasks.monitor` knows none.
"""

from __future__ import annotations

from typing import Any

from celery import Celery, signals
from kombu import Exchange, Queue

import bridge.transport  # noqa: F401 - registers kafka:// with kombu
from app import logging
from app.messages import topics
from app.settings import RunnerSettings, read
from bridge import broker, process
from tasks.pulse import Pulse


def create(name: str) -> Celery:
    """An application for one kind of process; reads its settings when they are first needed."""
    celery = Celery(name, set_as_current=False)
    celery.add_defaults(lambda: configuration(read(RunnerSettings), name))
    celery.steps["consumer"].add(Pulse)
    return celery


def configuration(settings: RunnerSettings, name: str) -> dict[str, Any]:
    """Celery's options, each with what fails without it."""
    return {
        # Kafka through our own transport; workers of one kind share a consumer group.
        "broker_url": broker.url(settings),
        "broker_transport_options": broker.transport_options(settings, name),
        # A broker that starts later than its workers, or is away for an hour, would end them:
        # then nobody works although everything is back.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # Acknowledged on receipt, a message is gone when its worker is killed, and its cases
        # never get a result.
        "task_acks_late": True,
        # A worker process that is killed by the system would count as a task that failed, and
        # its message as done.
        "task_reject_on_worker_lost": True,
        # A task that raises would have its message acknowledged and forgotten: a plan sealed with
        # another key would vanish. Rejected, it lies in the queue's dead letters with its origin.
        "task_acks_on_failure_or_timeout": False,
        # With more than one message reserved for each thread, a worker sits on shards that an
        # idle one could execute, and all of them are executed again when it dies.
        "worker_prefetch_multiplier": 1,
        # How many at once. Celery's own default is the number of cores, of the whole machine even
        # where a container may use one.
        "worker_concurrency": settings.runner_concurrency,
        # State is rows in PostgreSQL and results are events; a second copy in a result backend
        # would be read by nobody and could contradict them.
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        # Anything else than JSON means unpickling what lies on a topic, which is running it.
        "task_serializer": "json",
        "accept_content": ["json"],
        # The names of queues stand in one table; a queue misspelt on a command line would
        # otherwise be created and waited on for ever.
        "task_queues": [_queue(topic.name) for topic in topics.QUEUES],
        "task_create_missing_queues": False,
        "task_default_queue": topics.GENERATION_QUEUE.name,
        "task_routes": {
            topics.Task.WRITE_CASES: {"queue": topics.GENERATION_QUEUE.name},
            topics.Task.REFRESH_DESCRIPTION: {"queue": topics.GENERATION_QUEUE.name},
            topics.Task.EXECUTE_SHARD: {"queue": topics.TEST_RUN_QUEUE.name},
        },
        # Without it nobody can ask a worker what it does, or revoke a task:
        # `celery -A tasks.monitor control revoke <id>`.
        "worker_enable_remote_control": True,
        # Without them Flower lists workers but none of their tasks. They are sent without waiting,
        # and those that cannot be sent are dropped.
        "worker_send_task_events": True,
        # Our logging is set up by the signal below; Celery would replace its handlers, and turn
        # whatever a library prints into warnings.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(name), routing_key=name)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _set_up_logging(**_: object) -> None:
    logging.configure(read(RunnerSettings))


@signals.worker_init.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _serve_metrics(**_: object) -> None:
    process.serve_metrics(read(RunnerSettings))
