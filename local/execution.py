"""Runs modules through the engine, several at once, and hands over what is found as it is found."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.domain import packing
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import Event
from local.projects import Module
from worker.engine import Engine

#: There is one run in a process.
RUN_ID = "local"


@dataclass(frozen=True, slots=True)
class Happening:
    """An event and the case it belongs to."""

    case: PlannedCase
    event: Event


def run(
    modules: Sequence[Module],
    target: Target,
    *,
    jobs: int,
    timeout_seconds: float,
    engine: Engine,
    retries: int = 0,
    cleans_up: bool = True,
) -> Generator[Happening, None, None]:
    """Run each module as a case of its own, `jobs` at a time, one of a resource group at a time.

    Closing the iterator cancels what runs and what waits, and returns when it has ended.
    """
    stop = threading.Event()
    told: queue.SimpleQueue[Happening | None] = queue.SimpleQueue()
    limits = Limits(case_seconds=timeout_seconds)

    def execute(number: int, together: Sequence[Module]) -> None:
        try:
            for module in together:
                shard = Shard(
                    run_id=RUN_ID,
                    number=number,
                    attempt=1,
                    target=target,
                    cases=(module.case,),
                    contract=module.contract,
                    limits=limits,
                    retries=retries,
                    cleans_up=cleans_up,
                )
                for event in engine.execute(shard, cancelled=stop.is_set):
                    told.put(Happening(module.case, event))
        finally:
            told.put(None)

    with ThreadPoolExecutor(jobs, thread_name_prefix="case") as pool:
        futures = [pool.submit(execute, *each) for each in enumerate(_groups(modules))]
        try:
            waiting = len(futures)
            while waiting:
                happening = told.get()
                if happening is None:
                    waiting -= 1
                else:
                    yield happening
        finally:
            stop.set()
    for future in futures:
        future.result()


def _groups(modules: Sequence[Module]) -> Sequence[Sequence[Module]]:
    """What must run one after the other: the modules of a resource group, or one of none."""
    groups: dict[tuple[str, int], list[Module]] = {}
    for number, module in enumerate(modules):
        group = packing.group_of(module.case.script)
        groups.setdefault((group, -1 if group else number), []).append(module)
    return list(groups.values())
