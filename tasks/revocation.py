"""What `celery control revoke` does to a task that has to tell of its end.

Celery discards a revoked task that waits, and ends one that runs by killing its process: neither
would leave results, and threads cannot be killed. Here the task itself learns of it: it is run, or
runs on, to say that it was revoked.
"""

from __future__ import annotations

from collections.abc import Callable

from celery.worker import state
from celery.worker.request import Request

from tasks.base import PlatformTask


class ToldRequest(Request):  # type: ignore[misc]  # Celery is untyped
    """A message whose task is told that it was revoked, and is acknowledged when it has ended."""

    def revoked(self) -> bool:
        """Never to be discarded."""
        return False

    def terminate(self, pool: object, signal: object = None) -> None:
        """Leave it to the task."""


class ShardTask(PlatformTask):
    """A task that asks whether it was revoked."""

    Request = ToldRequest

    def revocation(self) -> Callable[[], bool]:
        """Says whether the task that runs in this thread was revoked; asked from any thread."""
        task_id = self.request.id
        return lambda: task_id in state.revoked
