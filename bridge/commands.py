"""Publishes commands to Celery's queues by task name; knows no task."""

from __future__ import annotations

from celery import Celery
from kombu.exceptions import OperationalError

import bridge.transport  # noqa: F401 - registers kafka:// with kombu
from app.errors import UnavailableError
from app.messages.commands import Command
from app.settings import RunnerSettings
from bridge import broker


class CommandPublisher:
    """Sends commands; each is confirmed by the broker when `publish` returns. Not thread-safe."""

    def __init__(self, settings: RunnerSettings, *, process: str) -> None:
        self._celery = Celery(process, broker=broker.url(settings), set_as_current=False)
        self._celery.conf.update(
            broker_transport_options=broker.transport_options(settings, process),
            # The outbox keeps what could not be sent; repeating is the relay's decision.
            task_publish_retry=False,
        )

    def publish(self, command: Command) -> None:
        """Send one command; commands of one key keep their order.

        Raises UnavailableError where the broker does not confirm it.
        """
        try:
            self._celery.send_task(
                command.task,
                kwargs=command.kwargs,
                # What workers log in place of the arguments, which may be long.
                kwargsrepr=", ".join(command.kwargs),
                task_id=command.task_id,
                queue=command.queue,
                message_key=command.key,
                ignore_result=True,
            )
        except OperationalError as error:
            raise UnavailableError(
                f"Kafka did not take the command {command.task_id}: {error}.", where=command.queue
            ) from error

    def close(self) -> None:
        """Give up the connections."""
        self._celery.pool.force_close_all()
        self._celery.close()
