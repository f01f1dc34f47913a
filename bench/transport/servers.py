"""Brokers as child processes in temporary folders on free ports, where they are installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.kafka_fixtures import embedded
from tests.kafka_server import broker as kafka_server
from tests.kafka_server.broker import free_ports

#: Debian's `rabbitmq-server` in the path becomes another user, who may not write where we may.
_RABBITMQ: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_START_SECONDS: Final = 60.0

__all__ = ["delayed", "embedded", "kafka", "kafka_server", "rabbitmq", "redis"]


class MissingError(Exception):
    """A program that a contestant needs is not installed."""


@contextlib.contextmanager
def kafka(folder: Path) -> Iterator[kafka_server.Kafka]:
    """A real Apache Kafka."""
    if reason := kafka_server.missing():
        raise MissingError(reason)
    server = kafka_server.Kafka(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Redis without persistence."""
    program = _found("redis-server")
    [port] = free_ports(1)
    with _running(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
         "--dir", str(folder)],
        folder / "redis.log", port,
    ):  # fmt: skip
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """RabbitMQ with its own Erlang port mapper."""
    program = str(_RABBITMQ) if _RABBITMQ.exists() else _found("rabbitmq-server")
    mapper = _found("epmd")
    port, mapper_port, node_port = free_ports(3)
    # Where it would write, and what it would read of an installation.
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"bench{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(node_port),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
    }
    (folder / "plugins").write_text("[].\n")
    with (
        _running(
            [mapper, "-port", str(mapper_port), "-address", "127.0.0.1"],
            folder / "epmd.log", mapper_port,
        ),
        _running([program], folder / "rabbitmq.log", port, environment),
    ):  # fmt: skip
        yield f"127.0.0.1:{port}"


@contextlib.contextmanager
def delayed(address: str, milliseconds: float, port: int | None = None) -> Iterator[str]:
    """A way to a server that takes longer there and back."""
    here = port or free_ports(1)[0]
    command = [sys.executable, "-m", "bench.transport.delay", str(here), address, str(milliseconds)]
    with _running(command, Path(os.devnull), here):
        yield f"127.0.0.1:{here}"


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise MissingError(f"{program} is not installed")
    return path


@contextlib.contextmanager
def _running(
    command: list[str], log: Path, port: int, environment: dict[str, str] | None = None
) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    try:
        _await(process, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} does not start")
        # Nothing says when a server listens; trying is the way to know.
        time.sleep(0.05)
