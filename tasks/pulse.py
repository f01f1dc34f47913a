"""The heartbeat of a Celery worker: beats from its event loop while it is connected."""

from __future__ import annotations

from typing import Any

from celery.bootsteps import StartStopStep

from app.settings import RunnerSettings, read
from bridge.heartbeat import Heartbeat

#: Several beats fit into the time after which a heartbeat counts as lost.
EVERY_SECONDS = 5.0

_LOOP = "worker"


class Pulse(StartStopStep):  # type: ignore[misc]  # Celery is untyped
    """Starts once the worker consumes, and stops when it loses its connection.

    A worker whose event loop hangs does not serve its timers, and so is noticed too.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:  # noqa: ANN401 - Celery is untyped
        super().__init__(consumer, **options)
        self._heartbeat = Heartbeat(read(RunnerSettings).heartbeat_file, [_LOOP])
        self._timer: Any = None

    def start(self, consumer: Any) -> None:  # noqa: ANN401 - Celery is untyped
        """Beat now and from now on."""
        self._heartbeat.beat(_LOOP)
        self._timer = consumer.timer.call_repeatedly(EVERY_SECONDS, self._heartbeat.beat, (_LOOP,))

    def stop(self, _consumer: Any) -> None:  # noqa: ANN401 - Celery is untyped
        """Beat no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
