"""Publishes commands to Celery's queues by task name; knows no task."""

from __future__ import annotations

from collections.abc import Sequence

from celery import Celery
from kombu import Producer
from kombu.exceptions import OperationalError

import bridge.transport  # noqa: F401 - registers kafka:// with kombu
from app.errors import InvalidInputError, UnavailableError
from app.messages.commands import Command
from app.settings import RunnerSettings
from bridge import broker
from bridge.transport.errors import BatchError
from bridge.transport.publisher import TOO_LARGE


class CommandPublisher:
    """Sends commands; all are confirmed by the broker when `publish` returns. Not thread-safe."""

    def __init__(self, settings: RunnerSettings, *, process: str) -> None:
        self._celery = Celery(process, broker=broker.url(settings), set_as_current=False)
        self._celery.conf.update(
            broker_transport_options=broker.transport_options(settings, process),
            # The outbox keeps what could not be sent; repeating is the relay's decision.
            task_publish_retry=False,
        )

    def publish(self, commands: Sequence[Command]) -> None:
        """Send commands, confirmed together; those of one key keep their order.

        Raises UnavailableError where the broker does not confirm them all, InvalidInputError where
        one is larger than it takes; others may be on their queues then.
        """
        try:
            with (
                # Not Celery's pools, which all applications of a process share. A connection is
                # cheap: the producer behind it stays.
                self._celery.connection_for_write() as connection,
                self._celery.amqp.Producer(connection) as producer,
                producer.batch(),
            ):
                for command in commands:
                    self._send(command, producer)
        except OperationalError as error:
            queues = ", ".join(sorted({command.queue for command in commands}))
            kind = InvalidInputError if _is_too_large(error) else UnavailableError
            raise kind(f"Kafka did not take the commands: {error}.", where=queues) from error

    def _send(self, command: Command, producer: Producer) -> None:
        self._celery.send_task(
            command.task,
            kwargs=command.kwargs,
            # What workers log in place of the arguments, which may be long.
            kwargsrepr=", ".join(command.kwargs),
            task_id=command.task_id,
            queue=command.queue,
            message_key=command.key,
            headers={"traceparent": command.traceparent} if command.traceparent else None,
            ignore_result=True,
            producer=producer,
        )

    def close(self) -> None:
        """End the application."""
        self._celery.close()


def _is_too_large(error: OperationalError) -> bool:
    return isinstance(error, BatchError) and any(
        TOO_LARGE in failure.reason for failure in error.failures
    )
