"""What becomes of a message whose task raised."""

from __future__ import annotations

import time
from typing import Any

import structlog
from billiard.einfo import ExceptionInfo
from celery import Task
from celery.exceptions import Reject
from celery.worker.request import Request

from app import tracing
from app.errors import PlatformError

#: A requeued message comes back at once; without a pause an outage of seconds would use up all
#: its deliveries.
PAUSE_SECONDS = 2.0

_log = structlog.stdlib.get_logger(__name__)


class PlatformRequest(Request):  # type: ignore[misc]  # Celery is untyped
    """A message whose dead letter says which error its task ended with."""

    def on_failure(self, exc_info: ExceptionInfo, **options: bool) -> None:
        """Have the error noted before the message is rejected."""
        # As in Celery itself: a child process sends the exception in an envelope.
        error = getattr(exc_info.exception, "exc", exc_info.exception)
        self.message.reason = f"{type(error).__name__}: {error}"
        super().on_failure(exc_info, **options)


class PlatformTask(Task):  # type: ignore[misc]  # Celery is untyped
    """Puts the message back for an error that passes; any other makes it a dead letter."""

    Request = PlatformRequest
    pause_seconds = PAUSE_SECONDS

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Celery is untyped
        """Run the task, as a part of the trace that its message belongs to."""
        with tracing.following(self.request.get("traceparent") or ""):
            try:
                return super().__call__(*args, **kwargs)
            except PlatformError as error:
                if error.permanent:
                    raise
                _log.warning("task.put_back", task=self.name, reason=str(error))
                time.sleep(self.pause_seconds)
                raise Reject(str(error), requeue=True) from error
