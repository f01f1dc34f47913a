"""Remote control, events and Flower, with real workers."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from celery.app.control import Inspect

from tests.behaviour.transport.stage import Stage, publisher
from tests.kafka_fixtures import Broker
from tests.kafka_server.broker import free_ports
from tests.kafka_server.cable import Cable
from tests.shared_material import ROOT


@pytest.fixture
def watched(stage: Stage) -> Stage:
    """A stage whose workers are controlled and watched by this test alone, with its own delays."""
    stage.configure(topic_prefix=f"{stage.queue}-")
    return of_its_own(stage)


def of_its_own(stage: Stage) -> Stage:
    """Exchanges that no other test uses."""
    stage.conf |= {"control_exchange": stage.queue, "event_exchange": f"{stage.queue}ev"}
    stage.configure(log_exchanges=[f"{stage.queue}ev"])
    return stage


def inspect(stage: Stage, workers: int = 1) -> Inspect:
    """Asks, and waits until so many have answered."""
    return stage.app.control.inspect(limit=workers, timeout=5)


def nodes(stage: Stage, workers: int = 1) -> list[str]:
    """The workers' names, once so many answer."""
    found: list[str] = []

    def all_answer() -> bool:
        found[:] = sorted(inspect(stage, workers).ping() or {})
        return len(found) == workers

    stage.until(all_answer)
    return found


def processes(stage: Stage, workers: int = 1) -> list[int]:
    """How many processes each worker's pool has."""
    stats = inspect(stage, workers).stats() or {}
    return [len(it["pool"]["processes"]) for it in stats.values()]


def test_processes_are_asked_and_their_tasks_revoked_and_terminated(watched: Stage) -> None:
    watched.worker("prefork", 1)
    asked(watched)
    revoked(watched)

    until = watched.folder / "never"
    watched.send("wait", str(watched.notes), "endless", str(until), task_id="endless")
    watched.until_noted("endless began")
    watched.app.control.revoke("endless", terminate=True, signal="SIGKILL")
    watched.note("last")
    watched.until_noted("last")
    watched.until(lambda: sum(watched.committed().values()) >= 6)
    assert watched.noted()[3:] == ["endless began", "last"]


def test_threads_are_asked_and_get_queues_and_rates_while_they_work(watched: Stage) -> None:
    watched.worker("threads", 1)
    node = asked(watched)
    revoked(watched)

    control, more = watched.app.control, f"{watched.queue}-more"
    control.add_consumer(more, reply=True, limit=1, timeout=5)
    watched.note("more", queue=more)
    watched.until_noted("more")
    control.cancel_consumer(more, reply=True, limit=1, timeout=5)
    assert [queue["name"] for queue in inspect(watched).active_queues()[node]] == [watched.queue]
    [answer] = control.rate_limit("note", "100/s", reply=True, limit=1, timeout=5)
    assert answer == {node: {"ok": "new rate limit set successfully"}}


def test_a_solo_worker_is_watched_and_goes_when_told(watched: Stage) -> None:
    """Its events are what `celery events` prints."""
    with dump(watched) as lines:
        worker = watched.worker("solo")
        nodes(watched)
        watched.app.control.enable_events(reply=True, limit=1, timeout=5)
        watched.note("seen")
        watched.until(lambda: "task succeeded" in lines.read_text())
        watched.app.control.shutdown()
        assert worker.wait(30) == 0
        watched.until(lambda: "shutdown" in lines.read_text())
    assert "started" in lines.read_text()


def asked(watched: Stage) -> str:
    """One worker answers what it is asked, and soon; returns its name."""
    [node] = nodes(watched)
    waits = []
    for _ in range(3):
        began = time.monotonic()
        assert inspect(watched).ping() == {node: {"ok": "pong"}}
        waits.append(time.monotonic() - began)
    assert sorted(waits)[1] < 1.0, waits
    assert set(inspect(watched).registered()[node]) >= {"note", "wait"}
    [queue] = inspect(watched).active_queues()[node]
    assert queue["name"] == watched.queue
    assert inspect(watched).stats()[node]["broker"]["transport"] == "kafka"
    return node


def revoked(watched: Stage) -> None:
    """A worker says what it runs, and does not begin what was revoked meanwhile or while it waited.

    A delayed task is in Kafka, not with the worker: it is dropped when its time has come.
    """
    until = watched.wait("long")
    watched.until_noted("long began")
    watched.send("note", str(watched.notes), "revoked", task_id="revoked")
    watched.note("revoked late", task_id="late", countdown=2)
    [[running]] = inspect(watched).active().values()
    assert (running["name"], running["delivery_info"]["routing_key"]) == ("wait", watched.queue)
    assert list(inspect(watched).reserved().values()) == [[]]
    watched.app.control.revoke(["revoked", "late"], reply=True, timeout=5, limit=1)
    until.touch()
    watched.note("after")
    watched.until_noted("after")
    watched.until(lambda: sum(watched.committed().values()) == 4)
    assert watched.noted() == ["long began", "long ended", "after"]


def test_each_command_reaches_every_worker_once_and_replies_only_who_asked(watched: Stage) -> None:
    """What was told before a worker's start is not for it: else both would end at once."""
    watched.app.control.shutdown()
    watched.worker("prefork", 1)
    watched.worker("prefork", 1)
    both = nodes(watched, 2)
    apps = [publisher(watched.conf) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(
            threads.map(lambda app: app.control.inspect(limit=2, timeout=5).ping(), apps)
        )
    for app in apps:
        app.close()
    assert [sorted(answer) for answer in answers] == [both] * 4

    watched.app.control.pool_grow(2, reply=True, limit=2, timeout=5)
    watched.until(lambda: processes(watched, 2) == [3, 3])
    watched.app.control.pool_shrink(1, destination=[both[0]], reply=True, limit=1, timeout=5)
    watched.until(lambda: sorted(processes(watched, 2)) == [2, 3])


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_what_was_told_while_the_cable_was_out_is_heard_afterwards(
    kafka: str, cable: Cable, open_stage: Callable[..., Stage]
) -> None:
    """The worker is behind the cable, and who tells is not."""
    near = of_its_own(open_stage(kafka))
    near.conf["broker_url"] = f"kafka://{cable.address}"
    near.worker("prefork", 1)
    nodes(near)
    with cable.pulled():
        near.app.control.pool_grow(1)
    near.until(lambda: processes(near) == [2])


def test_flower_shows_workers_tasks_and_queues(
    embedded_broker: str, open_stage: Callable[..., Stage]
) -> None:
    """On the embedded broker; on a real one the test of compose's Flower does."""
    watched = of_its_own(open_stage(Broker(embedded_broker, has_administration=False)))
    config = watched.folder / "flowerconfig.py"
    config.write_text("from bridge.transport import flower\nflower.register()\n")
    [port] = free_ports(1)
    watched.conf["worker_send_task_events"] = True
    watched.worker("threads", 1)
    [node] = nodes(watched)
    flower = celery(
        watched, watched.folder / "flower",
        "flower", f"--port={port}", "--address=127.0.0.1", f"--conf={config}",
        FLOWER_UNAUTHENTICATED_API="true",
    )  # fmt: skip
    try:
        watched.until(lambda: node in get(port, "/api/workers?refresh=1"))
        until = watched.wait("long", task_id="long")
        watched.until(lambda: watched.began("long"))
        watched.note("waits", task_id="waits")
        watched.until(lambda: '"STARTED"' in get(port, "/api/tasks"))
        watched.until(lambda: '"messages": 2' in get(port, "/api/queues/length"))
        assert f">{watched.queue}<" in get(port, "/broker")
        until.touch()
        watched.until(lambda: states(port) == {"long": "SUCCESS", "waits": "SUCCESS"})
        assert node in get(port, "/workers")
    finally:
        flower.terminate()
        flower.wait(20)


def states(port: int) -> dict[str, str]:
    """What Flower knows of tasks."""
    return {name: task["state"] for name, task in json.loads(get(port, "/api/tasks")).items()}


def get(port: int, path: str) -> str:
    """A page of Flower's; empty while it does not answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read().decode() if answer.status == 200 else ""
    except ConnectionError:
        return ""
    finally:
        connection.close()


@contextlib.contextmanager
def dump(stage: Stage) -> Iterator[Path]:
    """A file with what `celery events --dump` prints while the block lasts, from its start on."""
    printed = stage.folder / "events"
    process = celery(stage, printed, "events", "--dump")
    try:
        stage.until(lambda: "starting capture" in printed.read_text())
        yield printed
    finally:
        process.terminate()
        process.wait(20)


def celery(stage: Stage, output: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    """A `celery` command on this stage."""
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.behaviour.transport.celery_app", *words],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            env={**os.environ, "CELERY_BEHAVIOUR": json.dumps(stage.conf), **environment},
        )  # fmt: skip
