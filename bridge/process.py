"""What every process without HTTP does when it starts: obey signals, show its metrics."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from prometheus_client import start_http_server

from app.settings import RunnerSettings


def until_told() -> threading.Event:
    """An event that SIGTERM and SIGINT set; to be called in the main thread."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return stop


def serve_metrics(settings: RunnerSettings) -> None:
    """Answer Prometheus on the port that is set, if one is, for as long as the process lives."""
    if settings.metrics_port is not None:
        start_http_server(settings.metrics_port)
