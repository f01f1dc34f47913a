"""A Kafka broker in one small process, for a laptop and for tests: librdkafka's built-in one.

    python -m bridge.kafka.embedded --port-file FILE

writes `host:port` into FILE once it can be used, and ends on SIGTERM or SIGINT, when its parent
process is gone, or when a pipe at its standard input is closed.

What it is not: it keeps everything in memory and forgets on exit; a partition holds 5 MB or
100,000 batches and then silently drops its oldest messages; topics cannot be administered: the
platform's are there from the start, any other is made by the first client that asks; it does not
wake a waiting fetch, so clients must set `fetch.wait.max.ms` low; a member that left its group is
missed for its session timeout.
"""

from __future__ import annotations

import os
import select
import signal
import stat
import sys
from pathlib import Path
from types import FrameType

import click

from app.messages import topics
from bridge.kafka.builtin import BuiltinBroker
from bridge.kafka.topics import broadcast_logs

#: How soon a lost parent is noticed.
_WATCH_SECONDS = 1.0


@click.command()
@click.option(
    "--port-file",
    type=click.Path(path_type=Path),
    required=True,
    help="Where to write host:port once the broker can be used.",
)
def main(port_file: Path) -> None:
    """Serve Kafka on a free port of this machine until told to end."""
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    broker = BuiltinBroker(topics.TOPICS, broadcast_logs())
    _write(port_file, broker.address)
    while os.getppid() == parent and not _input_closed():
        pass


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _write(port_file: Path, address: str) -> None:
    """Write at once, so that nobody reads half an address."""
    draft = port_file.with_name(f"{port_file.name}.{os.getpid()}")
    draft.write_text(address)
    draft.replace(port_file)


def _input_closed() -> bool:
    """Wait a moment; true once a pipe at standard input has been closed by its other end."""
    pipes = [0] if stat.S_ISFIFO(os.fstat(0).st_mode) else []
    readable, _, _ = select.select(pipes, [], [], _WATCH_SECONDS)
    return bool(readable) and not os.read(0, 1024)


if __name__ == "__main__":
    main()
