"""What happens to workers and their broker in the torture run, and how its outcome is reckoned."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.behaviour.transport.stage import SESSION_SECONDS, Stage
from tests.kafka_server.broker import Kafka

#: Workers at any time.
FEWEST, MOST = 2, 4
#: Between two events.
QUIET_SECONDS: Final = (0.5, 2.5)
#: A worker commits what it has finished so often, and a little later it is taken.
COMMIT_SECONDS: Final = 0.25
#: Commits are refused while a rebalance goes on, which may wait for a worker that was killed.
REFUSED_SECONDS: Final = SESSION_SECONDS
#: What a worker that is asked to end may take. Some of the prefork workers that end under load
#: wait for half a minute, with Redis as well: Celery forgets the tasks that it has written to its
#: pool's processes (`AsynPool.flush`), so nobody reads their results, and each process waits for
#: that (`billiard.pool.Worker._ensure_messages_consumed`). Then the transport's own limits begin.
END_SECONDS: Final = 120
#: How much later on a slow machine.
SLACK_SECONDS: Final = 1.5


@dataclass(frozen=True, slots=True)
class Event:
    """Something done to a worker, or to the broker (no worker); times of the wall clock."""

    kind: str
    worker: int | None
    begin: float
    end: float

    def concerns(self, execution: Execution) -> bool:
        """Whether the execution may not have been committed because of this."""
        return (
            self.worker in {None, execution.worker}
            and self.begin - COMMIT_SECONDS - REFUSED_SECONDS - SLACK_SECONDS
            <= execution.at
            <= self.end + SLACK_SECONDS
        )


@dataclass(frozen=True, slots=True)
class Execution:
    """A task as its worker noted it."""

    task: str
    worker: int
    at: float


class Chaos:
    """A thread that torments workers and their broker, in an order that a seed decides."""

    def __init__(self, stage: Stage, kafka: Kafka, folder: Path, seed: int) -> None:
        self.events: list[Event] = []
        self._stage = stage
        self._kafka = kafka
        self._folder = folder
        self._random = random.Random(seed)  # noqa: S311 - to be repeated
        self._workers: list[subprocess.Popen[bytes]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.failure: Exception | None = None

    def start(self) -> None:
        """Start the first workers, and the torment."""
        for _ in range(FEWEST + 1):
            self._add()
        self._thread.start()

    def stop(self) -> None:
        """End the torment; the broker runs and so do workers."""
        self._stopping.set()
        self._thread.join()

    def leave(self) -> None:
        """Have all workers end in order."""
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            self._wait_ended(worker)

    def _run(self) -> None:
        try:
            while not self._stopping.wait(self._random.uniform(*QUIET_SECONDS)):
                self._torment()
        except Exception as error:  # noqa: BLE001 - told by whoever waits for the thread
            self.failure = error

    def _torment(self) -> None:
        acts: list[tuple[Callable[[], None], int]] = [
            (self._kill, 4), (self._end, 2), (self._freeze, 1), (self._restart, 2),
        ]  # fmt: skip
        if len(self._workers) < MOST:
            acts.append((self._add, 2))
        [act] = self._random.choices(
            [act for act, _ in acts], weights=[weight for _, weight in acts]
        )
        act()
        while len(self._workers) < FEWEST:
            self._add()

    def _add(self) -> None:
        pool = self._random.choice(["threads", "threads", "prefork"])
        options = ("--max-tasks-per-child", "1000", "-l", "WARNING")
        self._workers.append(self._stage.worker(pool, 4, *options))

    def _take(self) -> subprocess.Popen[bytes]:
        return self._workers.pop(self._random.randrange(len(self._workers)))

    def _kill(self) -> None:
        worker = self._take()
        with self._noted("kill -9", worker):
            # Its pool's processes with it.
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def _end(self) -> None:
        """In order; it may run on for a while as its last tasks and commits need."""
        worker = self._take()
        with self._noted("SIGTERM", worker):
            worker.terminate()
            self._wait_ended(worker)

    def _wait_ended(self, worker: subprocess.Popen[bytes]) -> None:
        """In order, or by the signal where it came before the worker was up."""
        code = worker.wait(END_SECONDS)
        was_up = any(self._folder.glob(f"ran-{self._stage.number(worker)}-*"))
        assert code == 0 or not was_up, f"{code}: {self._stage.log(worker)[-3000:]}"

    def _freeze(self) -> None:
        """For longer than its session: others take over what it does not know to be lost."""
        worker = self._random.choice(self._workers)
        with self._noted("freeze", worker):
            os.killpg(worker.pid, signal.SIGSTOP)
            self._stopping.wait(self._random.uniform(4, 5))
            os.killpg(worker.pid, signal.SIGCONT)

    def _restart(self) -> None:
        number = self._random.choice([signal.SIGTERM, signal.SIGKILL])
        with self._noted(f"broker {number.name}", None):
            self._kafka.stop(number)
            self._kafka.start()

    @contextmanager
    def _noted(self, kind: str, worker: subprocess.Popen[bytes] | None) -> Iterator[None]:
        begin = time.time()
        yield
        number = None if worker is None else self._stage.number(worker)
        self.events.append(Event(kind, number, begin, time.time()))


def executions(folder: Path) -> list[Execution]:
    """What all workers have noted, in the order of time; half a last line is no execution."""
    found = []
    for path in folder.glob("ran-*"):
        worker = int(path.name.split("-")[1])
        for line in path.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                task, at = line.split()
                found.append(Execution(task, worker, float(at)))
    return sorted(found, key=lambda it: it.at)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What ran more than once, and why."""

    #: All but the last execution of each task.
    wasted: list[Execution]
    #: How many of those each kind of event explains.
    explained: Counter[str]
    unexplained: list[Execution]
    #: How many executions may have been repeated: those that an event concerns.
    bound: int

    def table(self, events: list[Event]) -> str:
        """To be printed."""
        kinds = Counter(event.kind for event in events)
        lines = [
            f"{'event':>16} {'times':>6} {'repeated':>9}",
            *(f"{kind:>16} {kinds[kind]:>6} {self.explained[kind]:>9}" for kind in sorted(kinds)),
            f"{'unexplained':>16} {'':>6} {len(self.unexplained):>9}",
            f"{'together':>16} {len(events):>6} {len(self.wasted):>9}  of at most {self.bound}",
        ]
        return "\n".join(lines)


def reckon(ran: list[Execution], events: list[Event]) -> Reckoning:
    """Find for each repetition the event that concerns the execution that did not count."""
    by_task: dict[str, list[Execution]] = defaultdict(list)
    for execution in ran:
        by_task[execution.task].append(execution)
    wasted = [each for executions in by_task.values() for each in executions[:-1]]
    explained: Counter[str] = Counter()
    unexplained = []
    for each in wasted:
        reasons = [event.kind for event in events if event.concerns(each)]
        explained.update(reasons[:1])
        unexplained += [] if reasons else [each]
    bound = sum(any(event.concerns(each) for event in events) for each in ran)
    return Reckoning(wasted, explained, unexplained, bound)
